// Runs a TypeScript program of this repository: bundles it in a second, then executes the bundle.
// usage: node scripts/run.mjs FILE.ts [ARGS...]
// Node 20 cannot load TypeScript, and tsc -b would build every package first; docs/decisions/0002 says more.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { bundle } from "./bundle.mjs";

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) {
  process.stderr.write("usage: node scripts/run.mjs FILE.ts [ARGS...]\n");
  process.exit(2);
}
const root = path.resolve(import.meta.dirname, "..");
const dir = path.join(root, "dist", "run", `${path.basename(entry, ".ts")}-${process.pid}`);
mkdirSync(dir, { recursive: true });
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
const { file } = await bundle({ entry: path.resolve(entry), dir, name: "main" });

const child = spawn(process.execPath, ["--enable-source-maps", file, ...args], { stdio: "inherit" });
// The child shares the terminal and gets Ctrl-C itself; this process only waits for it to clean up.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (signal === "SIGTERM") child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
});
