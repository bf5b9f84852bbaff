import { describe } from "vitest";
import { bootstrapRepairScenarios } from "../scenarios/bootstrap-repair-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("self-bootstrap after others on the sandbox", { timeout: 120_000 }, () => {
  bootstrapRepairScenarios(withSandbox({ runPods: false }));
});
