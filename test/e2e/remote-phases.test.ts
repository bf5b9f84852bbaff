import { describe } from "vitest";
import { remotePhaseScenarios } from "../scenarios/remote-phase-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("remote phases from one sandbox to another", () => {
  remotePhaseScenarios(withSandbox(), withSandbox());
});
