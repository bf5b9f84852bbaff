// npm run generate: writes packages/api/src/types.generated.ts from config/crds, and docs/cli from the commands.
// usage: node scripts/run.mjs scripts/generate.ts [--check]
// With --check nothing is written; the exit code is 1 when a file in the repository is not what would be written.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { generateCliDocs } from "./generate-cli-docs.ts";
import { generateTypes } from "./generate-types.ts";

const docs = path.resolve("docs/cli");
const wanted = new Map([
  [path.resolve("packages/api/src/types.generated.ts"), await generateTypes(path.resolve("config/crds"))],
  ...[...generateCliDocs()].map(([name, text]) => [path.join(docs, name), text] as const),
]);
const present = (await readdir(docs).catch(() => [])).map((name) => path.join(docs, name));
const stray = present.filter((file) => !wanted.has(file));

if (process.argv.includes("--check")) {
  for (const file of stray) complain(file, "belongs to no command");
  for (const [file, text] of wanted) {
    if ((await readFile(file, "utf8").catch(() => undefined)) !== text) complain(file, "is out of date");
  }
} else {
  for (const file of stray) await rm(file);
  for (const [file, text] of wanted) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function complain(file: string, problem: string): void {
  process.stderr.write(`${path.relative(".", file)} ${problem}; run npm run generate\n`);
  process.exitCode = 1;
}
