// npm run generate: writes packages/api/src/types.generated.ts from config/crds.
// usage: node scripts/run.mjs scripts/generate.ts [--check]
// With --check nothing is written; the exit code is 1 when the file in the repository is not what would be written.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { generateTypes } from "./generate-types.ts";

const crds = path.resolve("config/crds");
const target = path.resolve("packages/api/src/types.generated.ts");

const generated = await generateTypes(crds);
if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== generated) {
    process.stderr.write(`${path.relative(".", target)} is out of date; run npm run generate\n`);
    process.exitCode = 1;
  }
} else {
  await writeFile(target, generated);
}
