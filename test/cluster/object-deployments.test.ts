import { describe } from "vitest";
import { objectDeploymentScenarios } from "../scenarios/object-deployment-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("object deployments on a real API server", () => {
  objectDeploymentScenarios(() => KUBECONFIG!);
});
