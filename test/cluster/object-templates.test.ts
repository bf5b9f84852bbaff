import { describe } from "vitest";
import { objectTemplateScenarios } from "../scenarios/object-template-scenarios.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("object templates on a real API server", () => {
  objectTemplateScenarios(() => KUBECONFIG!);
});
