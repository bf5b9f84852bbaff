import type { FileHandle } from "node:fs/promises";
import type { ByteReader } from "./byte-reader.ts";
import { OciError } from "./errors.ts";

const chunkSize = 256 * 1024;

/** Reads part of an open file at its place, so that several readers do not disturb each other. */
export async function* readRange(
  handle: FileHandle,
  start: number,
  length: number,
  file: string,
): AsyncGenerator<Uint8Array, void, void> {
  for (let done = 0; done < length;) {
    const chunk = await readAt(handle, start + done, Math.min(chunkSize, length - done));
    if (chunk.length === 0)
      throw new OciError("invalid-content", `${file}: unexpected end at byte ${start + done}`);
    done += chunk.length;
    yield chunk;
  }
}

/** A reader that takes bytes off an open file and skips by moving on; the file stays open. */
export function createFileReader(handle: FileHandle, file: string): ByteReader {
  let position = 0;
  const upTo = async (size: number): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    for (let left = size; left > 0;) {
      const chunk = await readAt(handle, position, left);
      if (chunk.length === 0) break;
      left -= chunk.length;
      position += chunk.length;
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  };
  async function* stream(size: number, onEnd: () => Error): AsyncGenerator<Uint8Array, void, void> {
    for (let left = size; left > 0;) {
      const chunk = await upTo(Math.min(chunkSize, left));
      if (chunk.length === 0) throw onEnd();
      left -= chunk.length;
      yield chunk;
    }
  }
  return {
    get position() {
      return position;
    },
    upTo,
    stream,
    async *rest() {
      const { size } = await handle.stat();
      yield* stream(size - position, () => new OciError("invalid-content", `${file}: unexpected end`));
    },
    async skip(size, onEnd) {
      const { size: end } = await handle.stat();
      if (position + size > end) throw onEnd();
      position += size;
    },
    close: () => Promise.resolve(),
  };
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
