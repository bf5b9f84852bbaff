import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** Bundles the programs with a version of their own into a folder that is there as long as `use` runs. */
export async function withPrograms<Result>(
  root: string,
  version: string,
  use: (binDir: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "release-programs-"));
  try {
    const script = path.join(root, "scripts", "build.mjs");
    await promisify(execFile)(process.execPath, [script, "--version", version, "--output", folder]);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
