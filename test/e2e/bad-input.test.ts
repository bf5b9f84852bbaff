import { describe } from "vitest";
import { badInputScenarios } from "../scenarios/bad-input-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("bad input on the sandbox", () => {
  badInputScenarios(withSandbox());
});
