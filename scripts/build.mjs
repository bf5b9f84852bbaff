// npm run build: one executable file per program in dist/bin, with lazily loaded chunks beside it.
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundle } from "./bundle.mjs";

const root = path.resolve(import.meta.dirname, "..");
const dir = path.join(root, "dist", "bin");
const programs = {
  "kubectl-package": "packages/cli/src/main.ts",
  "package-operator-manager": "packages/manager/src/manager-main.ts",
  "remote-phase-manager": "packages/manager/src/remote-phase-main.ts",
};

await rm(dir, { recursive: true, force: true });
await mkdir(dir, { recursive: true });
// Without an extension Node reads a file as CommonJS unless the nearest package.json says otherwise.
await writeFile(path.join(dir, "package.json"), '{"type":"module"}\n');
for (const [name, entry] of Object.entries(programs)) {
  const file = await bundle({
    entry: path.join(root, entry),
    dir,
    name,
    banner: "#!/usr/bin/env node",
    minify: true,
    extension: "",
  });
  await chmod(file, 0o755);
}
