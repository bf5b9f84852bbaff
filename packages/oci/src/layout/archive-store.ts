import { open, type FileHandle } from "node:fs/promises";
import { defaultMaxBytes } from "../content.ts";
import { detectCompression } from "../compression.ts";
import { OciError } from "../errors.ts";
import { createFileReader, readRange } from "../file-reader.ts";
import { readTarFrom } from "../tar/reader.ts";
import { safeTarPath } from "../tar/safe-path.ts";
import { blobPath, layoutMarker, type LayoutStore } from "./layout-store.ts";
import { checkMarker, readIndex } from "./read-index.ts";

/** Where the content of a tar entry is. */
export interface TarPlace {
  readonly offset: number;
  readonly size: number;
}

/** A layout in a tar, with access to the other files of the tar. */
export interface ArchiveStore extends LayoutStore {
  readFile(path: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Reads the headers of a tar and keeps it open. Throws `invalid-content` when it is not an OCI layout. */
export async function openArchiveStore(file: string): Promise<ArchiveStore> {
  const handle = await open(file, "r");
  try {
    const places = await listTar(handle, file);
    const readFile = async (path: string): Promise<Uint8Array | undefined> => {
      const place = places.get(path);
      return place === undefined ? undefined : readSmall(handle, place, `${file}: ${path}`);
    };
    checkMarker(await readFile(layoutMarker.path), file);
    const entries = readIndex((await readFile("index.json")) ?? new Uint8Array(0), file);
    return {
      name: file,
      entries: () => Promise.resolve(entries),
      size: (digest) => Promise.resolve(places.get(blobPath(digest))?.size),
      read(digest, offset) {
        const place = places.get(blobPath(digest))!;
        return readRange(handle, place.offset + offset, place.size - offset, file);
      },
      readFile,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The places of all files of a tar; of files with the same path the last one counts, as in extraction. */
async function listTar(handle: FileHandle, file: string): Promise<Map<string, TarPlace>> {
  const places = new Map<string, TarPlace>();
  const start = await createFileReader(handle, file).upTo(4);
  if (detectCompression(start) !== "none") {
    throw new OciError(
      "unsupported",
      `${file} is compressed; unpack it first, its blobs are compressed already`,
    );
  }
  for await (const entry of readTarFrom(createFileReader(handle, file))) {
    if (entry.type !== "file") continue;
    places.set(safeTarPath(entry.path), { offset: entry.offset, size: entry.size });
  }
  return places;
}

async function readSmall(handle: FileHandle, place: TarPlace, what: string): Promise<Uint8Array> {
  if (place.size > defaultMaxBytes) throw new OciError("too-large", `${what} has ${place.size} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of readRange(handle, place.offset, place.size, what)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
