import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import path from "node:path";

/** The content of a file, undefined when there is none. */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The size of a file, undefined when there is none. */
export async function sizeIfThere(file: string): Promise<number | undefined> {
  try {
    const facts = await stat(file);
    return facts.isFile() ? facts.size : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Streams a file from `start` to `end`, both included; an empty range gives nothing. */
export function readFileRange(
  file: string,
  start: number = 0,
  end: number = Infinity,
): AsyncIterable<Uint8Array> {
  if (end < start) return nothing();
  return createReadStream(file, { start, end, highWaterMark: 256 * 1024 });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/**
 * Writes a file so that it is there as a whole or not at all, also after a power cut: a temporary file beside it is
 * flushed and renamed, then the folder is flushed.
 */
export async function writeFileAtomically(
  file: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      if (content instanceof Uint8Array) await handle.writeFile(content);
      else for await (const chunk of content) await writeAll(handle, chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** Writes a whole chunk at the current position, or at a given one; a single write may take only a part. */
export async function writeAll(
  handle: {
    write(
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
    ): Promise<{ bytesWritten: number }>;
  },
  chunk: Uint8Array,
  position: number | null = null,
): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, at);
    done += bytesWritten;
  }
}

/** Makes renames and new files within a folder lasting. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
