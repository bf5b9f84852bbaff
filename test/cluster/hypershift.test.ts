import { describe } from "vitest";
import { hyperShiftScenarios } from "../scenarios/hypershift-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("hypershift on a real API server", () => {
  hyperShiftScenarios(() => KUBECONFIG!);
});
