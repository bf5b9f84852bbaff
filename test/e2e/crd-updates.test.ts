import { describe } from "vitest";
import { crdUpdateScenarios } from "../scenarios/crd-update-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("updates under a stricter schema on the sandbox", () => {
  crdUpdateScenarios(withSandbox({ runPods: false }));
});
