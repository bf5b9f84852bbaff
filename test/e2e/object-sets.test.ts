import { describe } from "vitest";
import { objectSetScenarios } from "../scenarios/object-set-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("object sets on the sandbox", () => {
  objectSetScenarios(withSandbox());
});
