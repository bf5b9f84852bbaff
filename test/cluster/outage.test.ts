import { describe } from "vitest";
import { killApiServer } from "../scenarios/chaos-server.ts";
import { outageScenarios } from "../scenarios/outage-scenarios.ts";

/** CHAOS_DIR is the folder of a control plane (see .ci/run) whose API server may be killed. */
const { KUBECONFIG, CHAOS_DIR } = process.env;

describe.skipIf(!KUBECONFIG || !CHAOS_DIR)("outages of a real API server", () => {
  outageScenarios(
    () => KUBECONFIG!,
    () => killApiServer(CHAOS_DIR!),
  );
});
