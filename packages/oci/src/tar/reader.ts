import { OciError } from "../errors.ts";
import { tarBlockSize, type TarHeader } from "./header.ts";
import {
  applyPaxRecords,
  isEmptyBlock,
  parsePaxRecords,
  parseTarHeader,
  type RawTarHeader,
} from "./parse-header.ts";
import { createByteReader, type ByteReader } from "../byte-reader.ts";

/** One entry of a tar that is being read. */
export interface TarEntry extends TarHeader {
  /** Place of the content in the archive. */
  readonly offset: number;
  /** The content; readable once, and only until the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Names and PAX blocks are read into memory; more than this is an attack. */
const maxExtension = 1024 * 1024;

/**
 * Reads a tar in one pass, without ever holding more than a chunk. Content that the caller does not read is skipped.
 * Throws `invalid-content` for damage with the place where it is.
 */
export function readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, void> {
  return readTarFrom(createByteReader(archive));
}

/** Reads a tar from a reader of bytes, which may be able to skip content without fetching it. */
export async function* readTarFrom(reader: ByteReader): AsyncGenerator<TarEntry, void, void> {
  const extensions: Extensions = { global: new Map(), local: new Map() };
  try {
    for (;;) {
      const start = reader.position;
      const block = await reader.upTo(tarBlockSize);
      if (block.length === 0 || isEmptyBlock(block)) return;
      const raw = parseTarHeader(block, start);
      if (await readExtension(reader, raw, extensions)) continue;
      const header = applyPaxRecords(raw, new Map([...extensions.global, ...extensions.local]));
      extensions.local = new Map();
      const size = header.type === "file" || header.type === "other" ? header.size : 0;
      const offset = reader.position;
      const content = reader.stream(size, () => truncated(header.path));
      const { flag: _flag, ...facts } = header;
      yield { ...facts, size, offset, content };
      const end = offset + Math.ceil(size / tarBlockSize) * tarBlockSize;
      await reader.skip(end - reader.position, () => truncated(header.path));
    }
  } finally {
    await reader.close();
  }
}

interface Extensions {
  global: ReadonlyMap<string, string>;
  local: ReadonlyMap<string, string>;
}

/** Takes in a block that only describes the next one; false when the header is an entry itself. */
async function readExtension(
  reader: ByteReader,
  header: RawTarHeader,
  extensions: Extensions,
): Promise<boolean> {
  if (header.flag === "S") throw new OciError("unsupported", `tar: "${header.path}" is a sparse file`);
  if (!"xgLK".includes(header.flag)) return false;
  if (header.size > maxExtension) {
    throw new OciError("too-large", `tar: the extension header "${header.path}" has ${header.size} bytes`);
  }
  const start = reader.position;
  const padded = Math.ceil(header.size / tarBlockSize) * tarBlockSize;
  const data = await reader.upTo(padded);
  if (data.length < padded) throw truncated(header.path);
  const content = data.subarray(0, header.size);
  if (header.flag === "x")
    extensions.local = new Map([...extensions.local, ...parsePaxRecords(content, start)]);
  if (header.flag === "g")
    extensions.global = new Map([...extensions.global, ...parsePaxRecords(content, start)]);
  // GNU tar puts a long name or link target into the content of a block before.
  if (header.flag === "L" || header.flag === "K") {
    const key = header.flag === "L" ? "path" : "linkpath";
    const name = Buffer.from(content).toString("utf8").replace(/\0.*$/s, "");
    extensions.local = new Map([...extensions.local, [key, name]]);
  }
  return true;
}

function truncated(path: string): OciError {
  return new OciError("invalid-content", `tar: unexpected end within "${path}"`);
}
