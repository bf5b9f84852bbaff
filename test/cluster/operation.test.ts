import { describe } from "vitest";
import { operationScenarios } from "../scenarios/operation-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("operation on a real API server", () => {
  operationScenarios(() => KUBECONFIG!);
});
