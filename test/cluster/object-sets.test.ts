import { describe } from "vitest";
import { objectSetScenarios } from "../scenarios/object-set-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("object sets on a real API server", () => {
  objectSetScenarios(() => KUBECONFIG!);
});
