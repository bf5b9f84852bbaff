import { describe } from "vitest";
import { packageScenarios } from "../scenarios/package-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("packages on the sandbox", () => {
  packageScenarios(withSandbox());
});
