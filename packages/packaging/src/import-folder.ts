import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { PackageError } from "./errors.ts";
import type { RawPackage } from "./raw-package.ts";

/**
 * Reads a package from a folder. Hidden files and folders and symbolic links are left out.
 * @throws PackageError `io`, naming the path below the folder.
 */
export async function importFolder(
  folder: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RawPackage> {
  const files = new Map<string, Uint8Array>();
  await readInto(files, folder, "", options.signal);
  return { files, labels: {} };
}

async function readInto(
  files: Map<string, Uint8Array>,
  root: string,
  below: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const shown = below === "" ? "." : below;
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch((cause: unknown) => {
    throw ioError(`access file ${shown}`, shown, cause);
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await readInto(files, root, name, signal);
    else if (entry.isFile()) {
      const content = await readFile(path.join(root, name)).catch((cause: unknown) => {
        throw ioError(`read file ${name}`, name, cause);
      });
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
