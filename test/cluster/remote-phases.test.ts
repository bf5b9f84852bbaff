import { describe } from "vitest";
import { remotePhaseScenarios } from "../scenarios/remote-phase-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("remote phases on a real API server", () => {
  remotePhaseScenarios(() => KUBECONFIG!);
});
