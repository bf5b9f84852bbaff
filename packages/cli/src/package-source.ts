import { createReadStream } from "node:fs";
import path from "node:path";
import type { RawPackage } from "@package-operator/packaging";
import type { Context } from "./context.ts";
import { CliError, withPrefix } from "./errors.ts";
import { fileProblem } from "./files.ts";

/** Reads a package from a folder, or from a tar by the ending of its name. */
export function readSource(context: Context, target: string): Promise<RawPackage> {
  const place = path.resolve(context.cwd, target);
  if (!isFolderSource(target)) return readArchive(context, target, place);
  return withPrefix("importing package from folder", async () => {
    const { importFolder } = await import("@package-operator/packaging");
    return importFolder(place, { signal: context.signal });
  });
}

/** Whether a source is a folder, so that it may have fixtures beside its content. */
export function isFolderSource(target: string): boolean {
  return !/\.(?:tar|tgz|tar\.gz|tar\.zst)$/.test(target);
}

function readArchive(context: Context, target: string, place: string): Promise<RawPackage> {
  return withPrefix("importing package from archive", async () => {
    const { importArchive } = await import("@package-operator/packaging");
    try {
      return await importArchive(createReadStream(place), { signal: context.signal });
    } catch (cause) {
      // Errors of the file system have a call; all others say themselves what is wrong.
      if (!(cause instanceof Error) || !("syscall" in cause)) throw cause;
      throw new CliError("input", fileProblem("open", target, cause), { cause });
    }
  });
}
