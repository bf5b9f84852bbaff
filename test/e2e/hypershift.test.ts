import { describe } from "vitest";
import { hyperShiftScenarios } from "../scenarios/hypershift-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("hypershift on the sandbox", () => {
  hyperShiftScenarios(withSandbox());
});
