import { defineConfig } from "vitest/config";
import { sourceConditions } from "./vitest.config.ts";

/** The properties of `fuzz.test.ts` files, each for FUZZ_SECONDS (default 60) with new seeds. */
const seconds = Number(process.env["FUZZ_SECONDS"] ?? 60);

export default defineConfig({
  resolve: { conditions: sourceConditions },
  ssr: { resolve: { conditions: sourceConditions } },
  test: {
    include: ["packages/*/src/**/fuzz.test.ts"],
    pool: "forks",
    setupFiles: ["./scripts/fuzz-setup.ts"],
    reporters: ["default", "./scripts/plain-reporter.ts"],
    testTimeout: (seconds + 60) * 1000,
    env: { FUZZ_SECONDS: String(seconds) },
  },
});
