import { OciError } from "../errors.ts";
import { checksum, tarBlockSize, type TarEntryType, type TarHeader } from "./header.ts";

const entryTypes: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

/** One header block, before PAX and GNU extensions are taken into account. */
export interface RawTarHeader extends TarHeader {
  /** The type letter. */
  readonly flag: string;
}

/** Whether a block is empty; two of them end an archive. */
export function isEmptyBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Reads a header block in V7, USTAR, PAX or GNU form; `offset` names the place in the `invalid-content` error. */
export function parseTarHeader(block: Uint8Array, offset: number): RawTarHeader {
  const fail = (reason: string): never => {
    throw new OciError("invalid-content", `tar: ${reason} in the header at byte ${offset}`);
  };
  const number = (start: number, length: number): number => {
    const value = parseNumber(block.subarray(start, start + length));
    return value ?? fail("bad number");
  };
  if (block.length < tarBlockSize) fail("unexpected end");
  if (number(148, 8) !== checksum(block)) fail("wrong checksum");
  const flag = String.fromCharCode(block[156]!);
  const isUstar = text(block, 257, 5) === "ustar" && block[262] === 0;
  const prefix = isUstar ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  const path = prefix === "" ? name : `${prefix}/${name}`;
  const type = entryTypes[flag] ?? "other";
  return {
    flag,
    path,
    // V7 archives mark a folder by its trailing slash only.
    type: type === "file" && path.endsWith("/") ? "directory" : type,
    size: number(124, 12),
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    mtime: number(136, 12),
    linkName: text(block, 157, 100),
  };
}

/** PAX records as a map; `offset` names the place in the `invalid-content` error. */
export function parsePaxRecords(data: Uint8Array, offset: number): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let start = 0; start < buffer.length;) {
    const space = buffer.indexOf(" ", start);
    const length = space < 0 ? Number.NaN : Number(buffer.toString("latin1", start, space));
    const record = buffer.subarray(space + 1, start + length);
    const equals = record.indexOf("=");
    if (!Number.isInteger(length) || start + length > buffer.length || equals <= 0 || record.at(-1) !== 10) {
      throw new OciError("invalid-content", `tar: bad PAX record at byte ${offset + start}`);
    }
    records.set(record.toString("utf8", 0, equals), record.toString("utf8", equals + 1, record.length - 1));
    start += length;
  }
  return records;
}

/** A header with the values that PAX records replace. Sparse files are refused, their content is not plain. */
export function applyPaxRecords(header: RawTarHeader, records: ReadonlyMap<string, string>): RawTarHeader {
  if ([...records.keys()].some((key) => key.startsWith("GNU.sparse."))) {
    throw new OciError("unsupported", `tar: "${header.path}" is a sparse file`);
  }
  const number = (key: string, fallback: number): number => {
    const value = Number(records.get(key) ?? fallback);
    if (!Number.isFinite(value) || value < 0) {
      throw new OciError("invalid-content", `tar: bad PAX ${key} of "${header.path}"`);
    }
    return Math.trunc(value);
  };
  return {
    ...header,
    path: records.get("path") ?? header.path,
    linkName: records.get("linkpath") ?? header.linkName,
    size: number("size", header.size),
    uid: number("uid", header.uid),
    gid: number("gid", header.gid),
  };
}

function text(block: Uint8Array, start: number, length: number): string {
  const field = Buffer.from(block.buffer, block.byteOffset + start, length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

/** Octal text, or GNU's big-endian binary form for large values. */
function parseNumber(field: Uint8Array): number | undefined {
  if ((field[0]! & 0x80) !== 0) {
    let value = field[0]! & 0x3f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = Buffer.from(field)
    .toString("latin1")
    .replace(/^[ \0]+|[ \0]+.*$/gs, "");
  if (digits === "") return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
