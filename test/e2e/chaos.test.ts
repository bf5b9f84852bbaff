import { describe } from "vitest";
import { chaosScenario } from "../scenarios/chaos-scenario.ts";
import { withSandbox } from "./with-sandbox.ts";

const { CHAOS_SEED = "1" } = process.env;

describe("chaos on the sandbox", () => {
  chaosScenario(withSandbox(), { seed: Number(CHAOS_SEED), durationMs: 15_000, packages: 10 });
});
