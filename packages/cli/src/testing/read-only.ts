import { chmod } from "node:fs/promises";
import path from "node:path";
import type { LineResult } from "./run-line.ts";
import type { Workspace } from "./workspace.ts";

/** User and group `nobody` of most systems; any that owns nothing will do. */
const nobody = 65_534;

/** Runs a command that may not write to a folder of the workspace. Root may write everywhere, so it stops being root. */
export async function runReadOnly(
  workspace: Workspace,
  folder: string,
  ...args: string[]
): Promise<LineResult> {
  const place = path.join(workspace.dir, folder);
  const isRoot = process.geteuid?.() === 0;
  await chmod(workspace.dir, 0o755);
  await chmod(place, 0o555);
  try {
    if (isRoot) process.seteuid!(nobody);
    return await workspace.run(...args);
  } finally {
    if (isRoot) process.seteuid!(0);
    await chmod(place, 0o755);
  }
}
