import { lstat, mkdir, readlink, rm } from "node:fs/promises";
import path from "node:path";

/** A path inside of an image that leads nowhere good: too many links, or a file where a folder should be. */
class RootfsError extends Error {
  override readonly name = "RootfsError";
}

const maxLinks = 40;

/**
 * Where a path of an image is on the machine. Links are followed as if the folder were the root of the file system,
 * so nothing leads out of it. The last part need not exist.
 *
 * @param options.followLast Also follows a link at the end. Default true.
 * @throws RootfsError
 */
export async function resolveInRoot(
  root: string,
  inside: string,
  options: { readonly followLast?: boolean } = {},
): Promise<string> {
  const pending = partsOf(inside);
  const resolved: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.shift() ?? "";
    if (part === "..") {
      resolved.pop();
      continue;
    }
    const here = path.join(root, ...resolved, part);
    const last = pending.length === 0;
    const target = last && options.followLast === false ? undefined : await linkTarget(here);
    if (target === undefined) {
      resolved.push(part);
      continue;
    }
    if (++links > maxLinks) throw new RootfsError(`${inside}: too many links`);
    if (target.startsWith("/")) resolved.length = 0;
    pending.unshift(...partsOf(target));
  }
  return path.join(root, ...resolved);
}

/** Makes the folder of a path inside of an image and gives the path on the machine; a link at its end stays one. */
export async function placeInRoot(root: string, inside: string): Promise<string> {
  const folder = await resolveInRoot(root, path.posix.dirname(`/${inside}`));
  await mkdir(folder, { recursive: true });
  return path.join(folder, path.posix.basename(inside));
}

/** Removes whatever is at a place, so that a new entry can take it; folders only when told. */
export async function clearPlace(place: string, options: { readonly folders: boolean }): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  if (found === undefined || (found.isDirectory() && !options.folders)) return;
  await rm(place, { recursive: true, force: true });
}

function partsOf(text: string): string[] {
  return text.split("/").filter((part) => part !== "" && part !== ".");
}

async function linkTarget(file: string): Promise<string | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isSymbolicLink() === true ? readlink(file) : undefined;
}
