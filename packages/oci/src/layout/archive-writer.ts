import { open, rename, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { ContentTarget } from "../content.ts";
import { createDigester, type Digest } from "../digest.ts";
import { OciError } from "../errors.ts";
import { createFileReader, readRange } from "../file-reader.ts";
import { syncFolder, writeAll } from "../files.ts";
import type { Descriptor } from "../manifest.ts";
import { encodeTarHeader, tarEnd, tarPadding } from "../tar/header.ts";
import { readTarFrom } from "../tar/reader.ts";
import { tarHeaderOf } from "../tar/writer.ts";
import type { TarPlace } from "./archive-store.ts";
import { layoutContent } from "./layout-content.ts";
import { blobPath, layoutMarker, type LayoutStore } from "./layout-store.ts";
import { writeIndex } from "./read-index.ts";

/** An archive that is being written. */
export interface LayoutArchiveWriter {
  /** A place to copy images to; blobs of several images may be written at the same time. */
  repository(name?: string): ContentTarget;
  /** Adds a file that is not part of the layout. */
  addFile(name: string, content: Uint8Array): Promise<void>;
  /** Writes the index, flushes, and gives the file its name. */
  finish(): Promise<void>;
  /** Closes the unfinished file and leaves it, so that a later run can go on. */
  close(): Promise<void>;
}

/** The name of an archive while it is not complete. */
export function partialPath(file: string): string {
  return `${file}.partial`;
}

/**
 * Starts an archive in a file beside its final name, or goes on with one that was interrupted: its blobs are verified and
 * kept, so that copying the same images again moves only what was missing. Each blob's place is reserved by its
 * size, and content is written there directly, whatever else is being written.
 */
export async function createLayoutArchive(file: string): Promise<LayoutArchiveWriter> {
  const partial = partialPath(file);
  // "a+" would write at the end only; this opens or creates for reading and writing without truncating.
  const handle = await openOrCreate(partial);
  const state = await recover(handle, partial);
  const reserve = (size: number): number => {
    const offset = state.end;
    state.end += size;
    return offset;
  };
  const store: LayoutStore = {
    name: file,
    entries: () => Promise.resolve(state.entries),
    size: (digest) => Promise.resolve(state.blobs.get(digest)?.size),
    read(digest, offset) {
      const place = state.blobs.get(digest)!;
      return readRange(handle, place.offset + offset, place.size - offset, partial);
    },
    writer: {
      async write(descriptor, content) {
        await writeBlob(handle, state, reserve, descriptor, content);
      },
      change(edit) {
        state.entries = edit(state.entries);
        return Promise.resolve();
      },
    },
  };
  const addFile = async (name: string, content: Uint8Array): Promise<void> => {
    const bytes = Buffer.concat([header(name, content.length), content, tarPadding(content.length)]);
    await writeAll(handle, bytes, reserve(bytes.length));
  };

  return {
    repository: (name) => layoutContent(store, name),
    addFile,
    async finish() {
      // What never came whole must not be found under its digest.
      for (const [digest, gap] of state.gaps) {
        await writeAll(handle, header(`.incomplete/${digest.replace(":", "/")}`, gap.size), gap.offset);
      }
      await addFile(layoutMarker.path, Buffer.from(layoutMarker.content));
      await addFile("index.json", writeIndex(state.entries));
      const end = tarEnd();
      await writeAll(handle, end, reserve(end.length));
      await handle.truncate(state.end);
      await handle.sync();
      await handle.close();
      await rename(partial, file);
      await syncFolder(path.dirname(path.resolve(file)));
    },
    close: () => handle.close(),
  };
}

interface ArchiveState {
  readonly blobs: Map<Digest, TarPlace>;
  /** Places (of headers) for content that never came whole; taken again by content of the same digest. */
  readonly gaps: Map<Digest, TarPlace>;
  entries: readonly Descriptor[];
  end: number;
}

async function openOrCreate(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r+");
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    return open(file, "wx+");
  }
}

/** A header comes before its content, so a place is valid when its content has the digest of its name. */
async function writeBlob(
  handle: FileHandle,
  state: ArchiveState,
  reserve: (size: number) => number,
  descriptor: Descriptor,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { digest, size } = descriptor;
  if (state.blobs.has(digest)) return;
  const head = header(blobPath(digest), size);
  const padding = tarPadding(size);
  const start = state.gaps.get(digest)?.offset ?? reserve(head.length + size + padding.length);
  state.gaps.set(digest, { offset: start, size });
  await writeAll(handle, head, start);
  let position = start + head.length;
  for await (const chunk of content) {
    if (position + chunk.length > start + head.length + size) {
      throw new OciError("size-mismatch", `blob ${digest} is longer than ${size} bytes`);
    }
    await writeAll(handle, chunk, position);
    position += chunk.length;
  }
  await writeAll(handle, padding, position);
  state.gaps.delete(digest);
  state.blobs.set(digest, { offset: start + head.length, size });
}

/** Finds the whole blobs of an interrupted archive; everything from the first damage on is written again. */
async function recover(handle: FileHandle, file: string): Promise<ArchiveState> {
  const state: ArchiveState = { blobs: new Map(), gaps: new Map(), entries: [], end: 0 };
  try {
    for await (const entry of readTarFrom(createFileReader(handle, file))) {
      const digest = /^blobs\/([a-z0-9]+)\/([0-9a-f]+)$/.exec(entry.path)?.slice(1).join(":");
      const end = entry.offset + entry.size + tarPadding(entry.size).length;
      const { size: fileSize } = await handle.stat();
      if (digest === undefined || end > fileSize) break;
      const digester = createDigester(digest);
      for await (const chunk of entry.content) digester.update(chunk);
      const headSize = header(entry.path, entry.size).length;
      if (digester.digest() === digest) state.blobs.set(digest, { offset: entry.offset, size: entry.size });
      else state.gaps.set(digest, { offset: entry.offset - headSize, size: entry.size });
      state.end = end;
    }
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    // The place where the last run stopped.
  }
  return state;
}

function header(name: string, size: number): Uint8Array {
  return encodeTarHeader({ ...tarHeaderOf({ path: name, mode: 0o644 }), size });
}
