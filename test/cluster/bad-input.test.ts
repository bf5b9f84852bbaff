import { describe } from "vitest";
import { badInputScenarios } from "../scenarios/bad-input-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("bad input on a real API server", () => {
  badInputScenarios(() => KUBECONFIG!);
});
