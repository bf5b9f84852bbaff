import { describe } from "vitest";
import { bootstrapScenarios } from "../scenarios/bootstrap-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("self-bootstrap on a real API server", () => {
  bootstrapScenarios(() => KUBECONFIG!);
});
