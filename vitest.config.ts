import { defineConfig } from "vitest/config";

/** Workspace packages resolve to their TypeScript source, so no build runs before the tests. */
export const sourceConditions: string[] = ["source", "module", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions: sourceConditions },
  ssr: { resolve: { conditions: sourceConditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/cluster/**", "test/node/**"],
    pool: "forks",
    // Many tests wait for programs and timers, so a core left free would be wasted.
    maxWorkers: "100%",
    reporters: ["default", "./scripts/plain-reporter.ts"],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    coverage: { include: ["packages/*/src/**/*.ts"], exclude: ["**/*.test.ts", "**/testing/**"] },
  },
});
