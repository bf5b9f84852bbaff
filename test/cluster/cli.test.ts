import { describe } from "vitest";
import { cliScenarios } from "../scenarios/cli-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("commands on a real API server", () => {
  cliScenarios(() => KUBECONFIG!);
});
