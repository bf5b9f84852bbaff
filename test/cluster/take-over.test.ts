import { describe } from "vitest";
import { takeOverScenarios } from "../scenarios/take-over-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("taking over a real API server", () => {
  takeOverScenarios(() => KUBECONFIG!);
});
