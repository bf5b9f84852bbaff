import { createWriteStream } from "node:fs";
import { chmod, copyFile, lstat, mkdir, readdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readLayer, safeTarPath, type TarEntry } from "@package-operator/oci";
import { clearPlace, placeInRoot, resolveInRoot } from "./rootfs.ts";

const whiteoutPrefix = ".wh.";
const opaqueMarker = ".wh..wh..opq";

/**
 * Unpacks one layer over a folder (OCI image layer specification), whiteouts included. Entries cannot leave the
 * folder, whatever their names and links say. Devices and pipes are left out, owners are ignored.
 */
export async function unpackLayer(root: string, layer: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const entry of readLayer(layer)) {
    const inside = safeTarPath(entry.path);
    if (inside !== "") await unpackEntry(root, inside, entry);
  }
}

async function unpackEntry(root: string, inside: string, entry: TarEntry): Promise<void> {
  const place = await placeInRoot(root, inside);
  const name = path.basename(place);
  if (name === opaqueMarker) {
    await emptyFolder(path.dirname(place));
  } else if (name.startsWith(whiteoutPrefix)) {
    await rm(path.join(path.dirname(place), name.slice(whiteoutPrefix.length)), {
      recursive: true,
      force: true,
    });
  } else if (entry.type === "directory") {
    await makeFolder(place, entry.mode);
  } else if (entry.type === "file") {
    await clearPlace(place, { folders: true });
    const output = createWriteStream(place, { flags: "wx", mode: entry.mode & 0o777 });
    await pipeline(Readable.from(entry.content, { objectMode: false }), output);
    await chmod(place, entry.mode & 0o777);
  } else if (entry.type === "symlink") {
    await clearPlace(place, { folders: true });
    await symlink(entry.linkName, place);
  } else if (entry.type === "hardlink") {
    const source = await resolveInRoot(root, safeTarPath(entry.linkName), { followLast: false });
    await clearPlace(place, { folders: true });
    await copyFile(source, place);
  }
}

/** A folder stays writable for its owner, or nothing could be unpacked into it. */
async function makeFolder(place: string, mode: number): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) await rm(place, { force: true });
  await mkdir(place, { recursive: true });
  await chmod(place, (mode & 0o777) | 0o700);
}

async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}
