import { defineConfig } from "vitest/config";
import { sourceConditions } from "./vitest.config.ts";

/** Scenarios that need the real one-node cluster: LAB and DIR name its scripts and state (see .ci/run). */
export default defineConfig({
  resolve: { conditions: sourceConditions },
  ssr: { resolve: { conditions: sourceConditions } },
  test: {
    include: ["test/node/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    reporters: ["default", "./scripts/plain-reporter.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
