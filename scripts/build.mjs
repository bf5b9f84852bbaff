// npm run build [-- --version v1.2.3 --output dist/bin]: one executable file per program, with lazily loaded chunks beside it.
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.mjs";

const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    version: { type: "string" },
    output: { type: "string", default: path.join(root, "dist", "bin") },
  },
});
const dir = path.resolve(values.output);
const programs = {
  "kubectl-package": "packages/cli/src/main.ts",
  "package-operator-manager": "packages/manager/src/manager-main.ts",
  "remote-phase-manager": "packages/manager/src/remote-phase-main.ts",
};

// Nothing is removed before it is replaced: a program of an earlier build may be running, or being packed.
await mkdir(dir, { recursive: true });
// Without an extension Node reads a file as CommonJS unless the nearest package.json says otherwise.
await writeFile(path.join(dir, "package.json"), '{"type":"module"}\n');
for (const [name, entry] of Object.entries(programs)) {
  const { file, chunks } = await bundle({
    entry: path.join(root, entry),
    dir,
    name,
    banner: "#!/usr/bin/env node",
    minify: true,
    extension: "",
    version: values.version,
  });
  await chmod(file, 0o755);
  await removeStale(path.join(dir, `${name}-chunks`), chunks);
}

/** Removes the chunks that earlier builds left. */
async function removeStale(folder, chunks) {
  const current = new Set(chunks.map((chunk) => path.basename(chunk)));
  for (const name of await readdir(folder).catch(() => [])) {
    if (!current.has(name)) await rm(path.join(folder, name), { force: true });
  }
}
// Behind kubectl, completion works only with this second program.
const completion = path.join(dir, "kubectl_complete-package");
await copyFile(path.join(root, "packages", "cli", "bin", "kubectl_complete-package"), completion);
await chmod(completion, 0o755);
