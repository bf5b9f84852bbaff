import { describe } from "vitest";
import { remotePhaseScenarios } from "../scenarios/remote-phase-scenarios.ts";

/** Without a second server the first is its own target. */
const { KUBECONFIG, TARGET_KUBECONFIG = KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("remote phases from one real API server to another", () => {
  remotePhaseScenarios(
    () => KUBECONFIG!,
    () => TARGET_KUBECONFIG!,
  );
});
