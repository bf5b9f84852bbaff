import { describe } from "vitest";
import { objectTemplateScenarios } from "../scenarios/object-template-scenarios.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("object templates on the sandbox", () => {
  objectTemplateScenarios(withSandbox());
});
