import { describe } from "vitest";
import { switchScenarios } from "../scenarios/switch-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("operators on a real API server", () => {
  switchScenarios(() => KUBECONFIG!);
});
