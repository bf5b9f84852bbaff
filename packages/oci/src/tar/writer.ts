import { OciError } from "../errors.ts";
import { encodeTarHeader, tarEnd, tarPadding, type TarHeader } from "./header.ts";

/** Content that a tar is made of. */
export interface TarInput {
  readonly path: string;
  /** Default: `file`. */
  readonly type?: "file" | "directory" | "symlink" | "hardlink";
  /** Bytes, or a stream of exactly `size` bytes, asked for when its turn comes. Default: empty. */
  readonly content?: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Needed with a stream. */
  readonly size?: number;
  /** Permission bits. Default: 0, as package images have it. */
  readonly mode?: number;
  /** Default: 0. */
  readonly uid?: number;
  /** Default: 0. */
  readonly gid?: number;
  /** Seconds since 1970. Default: 0. */
  readonly mtime?: number;
  readonly linkName?: string;
}

/** Writes a tar as a stream. The same entries give the same bytes: nothing is taken from the clock or the file system. */
export async function* writeTar(
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    const header = tarHeaderOf(entry);
    yield encodeTarHeader(header);
    yield* contentOf(entry, header.size);
    yield tarPadding(header.size);
  }
  yield tarEnd();
}

/** The header facts of an entry with all defaults filled in. */
export function tarHeaderOf(entry: TarInput): TarHeader {
  const size = entry.content instanceof Uint8Array ? entry.content.length : (entry.size ?? 0);
  return {
    path: entry.path,
    type: entry.type ?? "file",
    size,
    mode: entry.mode ?? 0,
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    mtime: entry.mtime ?? 0,
    linkName: entry.linkName ?? "",
  };
}

async function* contentOf(entry: TarInput, size: number): AsyncGenerator<Uint8Array> {
  if (entry.content === undefined) return;
  if (entry.content instanceof Uint8Array) {
    yield entry.content;
    return;
  }
  let written = 0;
  for await (const chunk of entry.content()) {
    written += chunk.length;
    if (written > size) break;
    yield chunk;
  }
  if (written !== size) {
    throw new OciError("size-mismatch", `tar: "${entry.path}" was announced with ${size} bytes`);
  }
}
