import { describe } from "vitest";
import { crdUpdateScenarios } from "../scenarios/crd-update-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("updates under a stricter schema on a real API server", () => {
  crdUpdateScenarios(() => KUBECONFIG!);
});
