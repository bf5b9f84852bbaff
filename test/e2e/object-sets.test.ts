import { describe } from "vitest";
import { objectSetScenarios } from "../scenarios/object-set-scenarios.ts";
import { teardownScenarios } from "../scenarios/teardown-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("object sets on the sandbox", () => {
  objectSetScenarios(withSandbox());
});

describe("taking down object sets on the sandbox", () => {
  teardownScenarios(withSandbox());
});
