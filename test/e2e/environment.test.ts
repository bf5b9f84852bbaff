import { describe } from "vitest";
import { environmentScenarios } from "../scenarios/environment-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("the environment on the sandbox", () => {
  environmentScenarios(withSandbox());
});
