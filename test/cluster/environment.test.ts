import { describe } from "vitest";
import { environmentScenarios } from "../scenarios/environment-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("the environment on a real API server", () => {
  environmentScenarios(() => KUBECONFIG!);
});
