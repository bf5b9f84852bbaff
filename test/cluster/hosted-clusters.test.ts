import { describe } from "vitest";
import { hostedClusterScenarios } from "../scenarios/hosted-cluster-scenarios.ts";

/** Without a second server the first hosts itself. */
const { KUBECONFIG, TARGET_KUBECONFIG = KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("hosted clusters on real API servers", () => {
  hostedClusterScenarios(
    () => KUBECONFIG!,
    () => TARGET_KUBECONFIG!,
  );
});
