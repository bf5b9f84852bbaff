import { describe } from "vitest";
import { hostedClusterScenarios } from "../scenarios/hosted-cluster-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("hosted clusters, each on a sandbox of its own", () => {
  hostedClusterScenarios(withSandbox({ runPods: false }), withSandbox({ runPods: false }));
});
