import { describe } from "vitest";
import { chaosScenario } from "../scenarios/chaos-scenario.ts";
import { killApiServer } from "../scenarios/chaos-server.ts";

/** CHAOS_DIR is the folder of a control plane (see .ci/run) whose API server may be killed. */
const { KUBECONFIG, CHAOS_DIR, CHAOS_SECONDS = "60", CHAOS_SEED = "1" } = process.env;

describe.skipIf(!KUBECONFIG)("chaos on a real API server", () => {
  chaosScenario(() => KUBECONFIG!, {
    seed: Number(CHAOS_SEED),
    durationMs: Number(CHAOS_SECONDS) * 1000,
    packages: 30,
    killServer: CHAOS_DIR ? () => killApiServer(CHAOS_DIR) : undefined,
  });
});
