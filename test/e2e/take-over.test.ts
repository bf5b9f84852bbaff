import { describe } from "vitest";
import { takeOverScenarios } from "../scenarios/take-over-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("taking over the sandbox", { timeout: 120_000 }, () => {
  takeOverScenarios(withSandbox({ runPods: false }));
});
