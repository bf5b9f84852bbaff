import { describe } from "vitest";
import { bootstrapRepairScenarios } from "../scenarios/bootstrap-repair-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("self-bootstrap after others on a real API server", () => {
  bootstrapRepairScenarios(() => KUBECONFIG!);
});
