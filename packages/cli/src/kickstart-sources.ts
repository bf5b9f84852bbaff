import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { JsonObject } from "@package-operator/kube-yaml";
import type { Context } from "./context.ts";
import { CliError, withPrefix } from "./errors.ts";
import { readText } from "./files.ts";
import { glob } from "./glob.ts";
import { httpGet } from "./http-get.ts";

/**
 * Reads the objects that `--filename` values name: `-` for stdin, a URL, a file, a folder (its `.yaml` files), or a
 * pattern of these.
 */
export async function readObjects(
  context: Context,
  sources: readonly string[],
): Promise<readonly JsonObject[]> {
  const { readSourceObjects } = await import("@package-operator/packaging");
  const objects: JsonObject[] = [];
  let isStdinRead = false;
  for (const source of sources) {
    if (source === "-") {
      // Its end has been reached; a second reader gets nothing.
      if (!isStdinRead) objects.push(...readSourceObjects(await readText(context, "-")));
      isStdinRead = true;
    } else if (/^https?:\/\//.test(source)) {
      objects.push(...readSourceObjects(await httpGet(context, source)));
    } else {
      for (const file of await filesOf(context, source)) {
        const text = await readText(context, file);
        objects.push(...(await withPrefix("loading kubernetes objects", () => readSourceObjects(text))));
      }
    }
  }
  return objects;
}

async function filesOf(context: Context, source: string): Promise<string[]> {
  const places =
    (await kindOfPlace(context, source)) === undefined ? await expand(context, source) : [source];
  const files: string[] = [];
  for (const place of places) {
    if ((await kindOfPlace(context, place)) === "file") files.push(place);
    else files.push(...(await yamlFilesIn(context, place)));
  }
  return files;
}

async function kindOfPlace({ cwd }: Context, place: string): Promise<"file" | "folder" | undefined> {
  try {
    return (await stat(path.resolve(cwd, place))).isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}

async function expand(context: Context, pattern: string): Promise<readonly string[]> {
  const candidates = await glob(context.cwd, pattern);
  if (candidates === undefined) {
    const quoted = JSON.stringify(pattern);
    throw new CliError("input", `expand pattern: pattern ${quoted} is not valid: syntax error in pattern`);
  }
  const found: string[] = [];
  for (const place of candidates) if ((await kindOfPlace(context, place)) !== undefined) found.push(place);
  if (found.length === 0) throw new CliError("input", `expand pattern: ${pattern}: file does not exist`);
  return found;
}

async function yamlFilesIn({ cwd }: Context, folder: string): Promise<string[]> {
  const entries = await readdir(path.resolve(cwd, folder), { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".yaml"))
    .map((entry) => path.join(folder, entry.name))
    .toSorted();
}
