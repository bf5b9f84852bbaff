import { describe } from "vitest";
import { packageScenarios } from "../scenarios/package-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("packages on a real API server", () => {
  packageScenarios(() => KUBECONFIG!);
});
