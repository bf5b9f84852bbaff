import { link, mkdir, readdir, rename, rm, rmdir, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { isMissing, sizeIfThere } from "../files.ts";

// The collector and writers, often in different processes, agree by two steps of each. A writer marks a file as used and
// then looks whether it is there. The collector moves a file away and then looks whether it was marked: if so it is put
// back. Whatever the order, either the collector sees the mark or the writer sees that the file is gone.

/** Marks a file as used now; false when it is not there. */
export async function claimFile(file: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(file, now, now);
  } catch (error) {
    if (isMissing(error)) return false;
    // On a disk that cannot be written to nothing is collected.
  }
  return (await sizeIfThere(file)) !== undefined;
}

/** What {@link removeUnclaimed} goes by. */
export interface RemoveOptions {
  /** Milliseconds since 1970; what was used later stays. */
  readonly usedBefore: number;
  /** Only says what would be removed. */
  readonly isDryRun: boolean;
}

/** Removes a file of a storage that has not been used for a while; returns its size, undefined when it stays. */
export async function removeUnclaimed(
  dir: string,
  file: string,
  options: RemoveOptions,
): Promise<number | undefined> {
  const size = await sizeIfUnclaimed(file, options.usedBefore);
  if (size === undefined || options.isDryRun) return size;
  const aside = path.join(trashFolder(dir), path.relative(dir, file));
  try {
    await mkdir(path.dirname(aside), { recursive: true });
    await rename(file, aside);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if ((await sizeIfUnclaimed(aside, options.usedBefore)) === undefined) {
    await putBack(aside, file);
    return undefined;
  }
  await rm(aside, { force: true });
  return size;
}

/** Puts back what a collector that was killed had moved away, and removes the folders that it left. */
export async function restoreTrash(dir: string, folder: string = trashFolder(dir)): Promise<void> {
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) await restoreTrash(dir, place);
      else await putBack(place, path.join(dir, path.relative(trashFolder(dir), place)));
    }
    await rmdir(folder);
  } catch (error) {
    // Another collector at work has taken a file, or put one there.
    if (!isMissing(error) && (error as { code?: unknown }).code !== "ENOTEMPTY") throw error;
  }
}

function trashFolder(dir: string): string {
  return path.join(dir, "trash");
}

async function sizeIfUnclaimed(file: string, usedBefore: number): Promise<number | undefined> {
  try {
    const { mtimeMs, size } = await stat(file);
    return mtimeMs < usedBefore ? size : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function putBack(aside: string, file: string): Promise<void> {
  try {
    await link(aside, file);
  } catch (error) {
    // The same content was written again in the meantime.
    if ((error as { code?: unknown }).code !== "EEXIST" && !isMissing(error)) throw error;
  }
  await rm(aside, { force: true });
}
