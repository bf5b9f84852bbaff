// npm run conformance [-- --vectors DIR]
import path from "node:path";
import { inspect, parseArgs } from "node:util";
import { checkVectorFile, listVectorFiles } from "./check-vectors.ts";

/** Runs every vector file of a folder, prints what differs, and ends with `N passed, N failed`. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { vectors: { type: "string", default: path.join("test", "conformance", "vectors") } },
  });
  const names = await listVectorFiles(values.vectors);
  if (names.length === 0) throw new Error(`${values.vectors} holds no .jsonl files`);
  let passed = 0;
  let failed = 0;
  for (const name of names) {
    const vectors = await checkVectorFile(values.vectors, name);
    for (const { id, expected, actual } of vectors.filter((vector) => !vector.passed)) {
      failed += 1;
      process.stdout.write(`${id}\n  expected ${show(expected)}\n  actual   ${show(actual)}\n`);
    }
    passed += vectors.filter((vector) => vector.passed).length;
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function show(value: unknown): string {
  return inspect(value, { depth: null, breakLength: Infinity, maxStringLength: 2000 });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
