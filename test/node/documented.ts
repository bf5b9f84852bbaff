import { readFile } from "node:fs/promises";
import path from "node:path";
import type { LabNode } from "./lab-node.ts";
import { root } from "./releases.ts";

/** The shell commands that a page of the documentation shows, or one section of it, as one script. */
export async function documentedCommands(page: string, heading?: string): Promise<string> {
  const text = await readFile(path.join(root, "docs", page), "utf8");
  const start = heading === undefined ? 0 : text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/${page} has no section "${heading}"`);
  const next = heading === undefined ? -1 : text.indexOf("\n## ", start + 1);
  const section = text.slice(start, next < 0 ? undefined : next);
  return [...section.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block).join("\n");
}

/** Runs a script on the node; it ends with the first command that fails. */
export function runScript(node: LabNode, script: string): Promise<string> {
  return node.exec("bash", "-euo", "pipefail", "-c", script);
}

/** Runs the commands that a page of the documentation shows. */
export async function runDocumented(node: LabNode, page: string): Promise<void> {
  await runScript(node, await documentedCommands(page));
}
