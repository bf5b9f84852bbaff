import { OciError } from "../errors.ts";

/** What a tar entry is; anything but these five (devices, pipes) is `other`. */
export type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "other";

/** The facts of one tar entry. */
export interface TarHeader {
  /** As written in the archive; see `safeTarPath` before using it as a path. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Bytes of content. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Target of a link. */
  readonly linkName: string;
}

/** A tar archive is a sequence of blocks of this many bytes. */
export const tarBlockSize = 512;

/** Zero bytes that fill content up to a whole block. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((tarBlockSize - (size % tarBlockSize)) % tarBlockSize);
}

/** Two empty blocks end an archive. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * tarBlockSize);
}

const typeFlags: Readonly<Record<Exclude<TarEntryType, "other">, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  directory: "5",
};
const nameSize = 100;
const prefixSize = 155;
const maxOctalSize = 8 ** 11 - 1;

/**
 * The header blocks of an entry, byte for byte what Go's archive/tar writes for the same facts: USTAR, and a PAX record
 * only for what USTAR cannot hold. That keeps the diff ids of package images equal to those of other tools.
 */
export function encodeTarHeader(header: TarHeader): Uint8Array {
  if (header.type === "other") throw new OciError("unsupported", `tar: cannot write "${header.path}"`);
  const records: [string, string][] = [];
  const split = splitUstarPath(header.path);
  if (split === undefined) records.push(["path", header.path]);
  if (!fits(header.linkName)) records.push(["linkpath", header.linkName]);
  if (header.size > maxOctalSize) records.push(["size", `${header.size}`]);
  const { name, prefix } = split ?? { name: toAscii(header.path), prefix: "" };
  const block = encodeBlock(name, prefix, typeFlags[header.type], header, toAscii(header.linkName));
  return records.length === 0 ? block : Buffer.concat([encodePaxRecords(header.path, records), block]);
}

function encodePaxRecords(path: string, records: readonly (readonly [string, string])[]): Uint8Array {
  const sorted = records.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const data = Buffer.from(sorted.map(([key, value]) => paxRecord(key, value)).join(""), "utf8");
  const slash = path.replace(/\/+$/, "").lastIndexOf("/");
  const folder = slash < 0 ? "" : `${path.slice(0, slash)}/`;
  const name = toAscii(`${folder}PaxHeaders.0/${path.slice(slash + 1)}`)
    .slice(0, nameSize)
    .replace(/\/+$/, "");
  const facts = { mode: 0, uid: 0, gid: 0, size: data.length, mtime: 0 };
  const block = encodeBlock(name, "", "x", facts, "");
  return Buffer.concat([block, data, tarPadding(data.length)]);
}

/** `length key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + `${rest}`.length;
  length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

type Numbers = Pick<TarHeader, "mode" | "uid" | "gid" | "size" | "mtime">;

function encodeBlock(
  name: string,
  prefix: string,
  flag: string,
  numbers: Numbers,
  linkName: string,
): Uint8Array {
  const block = Buffer.alloc(tarBlockSize);
  writeName(block, name);
  writeOctal(block, 100, 8, numbers.mode);
  writeOctal(block, 108, 8, numbers.uid);
  writeOctal(block, 116, 8, numbers.gid);
  writeOctal(block, 124, 12, numbers.size);
  writeOctal(block, 136, 12, numbers.mtime);
  block.write(flag, 156, "latin1");
  block.write(linkName.slice(0, nameSize), 157, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  // Go leaves the device numbers of its PAX blocks empty.
  if (flag !== "x") {
    writeOctal(block, 329, 8, 0);
    writeOctal(block, 337, 8, 0);
  }
  block.write(prefix, 345, "latin1");
  writeOctal(block, 148, 7, checksum(block));
  block.write(" ", 155, "latin1");
  return block;
}

/** A name cut at a slash must not look like a folder. */
function writeName(block: Buffer, name: string): void {
  const cut = name.length > nameSize && name[nameSize - 1] === "/";
  block.write(cut ? name.slice(0, nameSize).replace(/\/+$/, "") : name.slice(0, nameSize), 0, "latin1");
}

function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  const text = Math.max(0, value)
    .toString(8)
    .padStart(length - 1, "0");
  block.write(text.length < length ? text : "0".repeat(length - 1), offset, "latin1");
}

/** Sum of all bytes of a header block, its checksum field counted as spaces. */
export function checksum(block: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < tarBlockSize; index++) sum += index >= 148 && index < 156 ? 32 : block[index]!;
  return sum;
}

function splitUstarPath(path: string): { readonly name: string; readonly prefix: string } | undefined {
  if (!isAscii(path)) return undefined;
  if (path.length <= nameSize) return { name: path, prefix: "" };
  let length = path.length;
  if (length > prefixSize + 1) length = prefixSize + 1;
  else if (path.endsWith("/")) length -= 1;
  const slash = path.slice(0, length).lastIndexOf("/");
  const nameLength = path.length - slash - 1;
  if (slash <= 0 || nameLength > nameSize || nameLength === 0 || slash > prefixSize) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

function fits(text: string): boolean {
  return isAscii(text) && text.length <= nameSize;
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- NUL is what must not be there
  return /^[\u0001-\u007f]*$/.test(text);
}

function toAscii(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is what must not be there
  return text.replace(/[^\u0001-\u007f]/gu, "");
}
