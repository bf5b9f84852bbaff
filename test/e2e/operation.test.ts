import { describe } from "vitest";
import { operationScenarios } from "../scenarios/operation-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("operation on the sandbox", () => {
  operationScenarios(withSandbox());
});
