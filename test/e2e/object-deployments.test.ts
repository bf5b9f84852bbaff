import { describe } from "vitest";
import { objectDeploymentScenarios } from "../scenarios/object-deployment-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("object deployments on the sandbox", () => {
  objectDeploymentScenarios(withSandbox());
});
