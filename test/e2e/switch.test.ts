import { describe } from "vitest";
import { switchScenarios } from "../scenarios/switch-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("operators on the sandbox", () => {
  switchScenarios(withSandbox());
});
