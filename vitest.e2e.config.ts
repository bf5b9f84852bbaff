import { defineConfig } from "vitest/config";
import { sourceConditions } from "./vitest.config.ts";

/** Scenarios that need a real cluster: KUBECONFIG names it (see docs and .ci/run). */
export default defineConfig({
  resolve: { conditions: sourceConditions },
  ssr: { resolve: { conditions: sourceConditions } },
  test: {
    include: ["test/cluster/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    reporters: ["default", "./scripts/plain-reporter.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
