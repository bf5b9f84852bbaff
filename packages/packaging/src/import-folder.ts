import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type ContentLimits, type CountFile, createFileCount } from "./content-limits.ts";
import { PackageError } from "./errors.ts";
import type { RawPackage } from "./raw-package.ts";

/** How much of a folder is read at most. */
export interface ImportFolderOptions extends ContentLimits {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a package from a folder. Hidden files and folders and symbolic links are left out.
 * @throws PackageError `io`, naming the path below the folder.
 */
export async function importFolder(folder: string, options: ImportFolderOptions = {}): Promise<RawPackage> {
  const files = new Map<string, Uint8Array>();
  await readInto(files, "", { root: folder, count: createFileCount(options), signal: options.signal });
  return { files, labels: {} };
}

interface Reading {
  readonly root: string;
  readonly count: CountFile;
  readonly signal: AbortSignal | undefined;
}

async function readInto(files: Map<string, Uint8Array>, below: string, reading: Reading): Promise<void> {
  const { root, count, signal } = reading;
  signal?.throwIfAborted();
  const shown = below === "" ? "." : below;
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch((cause: unknown) => {
    throw ioError(`access file ${shown}`, shown, cause);
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await readInto(files, name, reading);
    else if (entry.isFile()) {
      const content = await readFile(path.join(root, name)).catch((cause: unknown) => {
        throw ioError(`read file ${name}`, name, cause);
      });
      const problem = count(name, content.length);
      if (problem !== undefined) throw new PackageError("io", `walk source dir: ${problem}`);
      files.set(name, content);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  EACCES: "permission denied",
};

function ioError(step: string, name: string, cause: unknown): PackageError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const call = step.startsWith("access") ? "stat" : "open";
  const reason = code === undefined ? message : `${call} ${name}: ${REASONS[code] ?? message}`;
  return new PackageError("io", `walk source dir: ${step}: ${reason}`, { cause });
}
