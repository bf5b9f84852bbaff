import { pipeline } from "node:stream";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { createByteReader } from "./byte-reader.ts";
import { OciError } from "./errors.ts";

/** How a layer is packed. */
export type Compression = "gzip" | "zstd" | "none";

/** Recognises compressed content by its first bytes, whatever its media type says; four bytes are enough. */
export function detectCompression(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return "zstd";
  return "none";
}

/** Unpacks gzip and zstd, and passes everything else through. Throws `invalid-content` for damaged content. */
export async function* decompress(
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = createByteReader(content);
  try {
    const start = await reader.upTo(4);
    const all = prepend(start, reader.rest());
    const compression = detectCompression(start);
    if (compression === "gzip") yield* gunzip(all);
    else if (compression === "zstd") yield* unzstd(all);
    else yield* all;
  } finally {
    await reader.close();
  }
}

async function* prepend(start: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  yield* rest;
}

async function* gunzip(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const output = createGunzip();
  // An error of either side destroys the output with that error, so iterating reports it.
  const input = pipeline(Readable.from(content, { objectMode: false }), output, () => {});
  try {
    yield* input as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw isZlibError(error) ? damaged("gzip", error) : error;
  }
}

/** Node 20 has no zstd of its own. */
async function* unzstd(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => {
    // The decoder uses its window again, so the bytes must be copied.
    if (chunk.length > 0) ready.push(chunk.slice());
  });
  const push = (chunk: Uint8Array, isLast: boolean): void => {
    try {
      decoder.push(chunk, isLast);
    } catch (error) {
      throw damaged("zstd", error);
    }
  };
  for await (const chunk of content) {
    // The decoder keeps views of its input, too.
    push(chunk.slice(), false);
    yield* ready.splice(0);
  }
  push(new Uint8Array(0), true);
  yield* ready.splice(0);
}

function isZlibError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code.startsWith("Z_");
}

function damaged(format: string, cause: unknown): OciError {
  return new OciError("invalid-content", `damaged ${format} content: ${(cause as Error).message}`, { cause });
}
