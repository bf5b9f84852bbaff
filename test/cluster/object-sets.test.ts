import { describe } from "vitest";
import { objectSetScenarios } from "../scenarios/object-set-scenarios.ts";
import { teardownScenarios } from "../scenarios/teardown-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("object sets on a real API server", () => {
  objectSetScenarios(() => KUBECONFIG!);
});

describe.skipIf(!KUBECONFIG)("taking down object sets on a real API server", () => {
  teardownScenarios(() => KUBECONFIG!);
});
