import { describe } from "vitest";
import { bootstrapScenarios } from "../scenarios/bootstrap-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("self-bootstrap on the sandbox", { timeout: 300_000 }, () => {
  bootstrapScenarios(withSandbox({ runPods: false }));
});
