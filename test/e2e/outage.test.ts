import { describe } from "vitest";
import { outageScenarios } from "../scenarios/outage-scenarios.ts";
import { withMortalSandbox } from "./with-sandbox.ts";

describe("outages of the sandbox", () => {
  const { kubeconfig, kill } = withMortalSandbox();
  outageScenarios(kubeconfig, kill);
});
