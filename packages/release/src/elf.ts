import { ReleaseError } from "./errors.ts";

/** What a 64-bit little-endian ELF file says about the libraries it needs. */
export interface ElfFacts {
  /** OCI name of the processor. */
  readonly architecture: "amd64" | "arm64";
  /** The dynamic loader; undefined for libraries and static programs. */
  readonly interpreter: string | undefined;
  /** Names of needed libraries (`DT_NEEDED`). */
  readonly needed: readonly string[];
  /** Folders to search first (`DT_RUNPATH`, `DT_RPATH`), with `$ORIGIN` as written. */
  readonly searchPaths: readonly string[];
}

const MACHINES: Readonly<Record<number, ElfFacts["architecture"]>> = { 62: "amd64", 183: "arm64" };
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_RPATH = 15n;
const DT_RUNPATH = 29n;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly size: number;
}

/** The OCI name of the processor that an ELF file is for; undefined for other files and for processors not named here. */
export function processorOf(bytes: Buffer): ElfFacts["architecture"] | undefined {
  const isElf = bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f45_4c46;
  return isElf && bytes[4] === 2 && bytes[5] === 1 ? MACHINES[bytes.readUInt16LE(18)] : undefined;
}

/**
 * Reads the headers of an ELF file (System V ABI, ELF-64).
 * @throws ReleaseError `elf`, naming the file, for anything else or a damaged one.
 */
export function readElf(bytes: Buffer, file: string): ElfFacts {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f45_4c46) throw damaged(file, "it is no ELF file");
  if (bytes[4] !== 2 || bytes[5] !== 1) throw damaged(file, "it is not 64-bit little-endian");
  const architecture = MACHINES[bytes.readUInt16LE(18)];
  if (architecture === undefined) throw damaged(file, "it is for neither amd64 nor arm64");
  try {
    const segments = readSegments(bytes);
    const interpreter = segments.find(({ type }) => type === PT_INTERP);
    return {
      architecture,
      interpreter: interpreter === undefined ? undefined : textAt(bytes, interpreter.offset),
      ...readDynamic(bytes, segments),
    };
  } catch (cause) {
    // Offsets that lead out of the file.
    if (cause instanceof RangeError) throw damaged(file, "its headers point outside of it", cause);
    throw cause;
  }
}

function damaged(file: string, reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError("elf", `${file} cannot be read as an executable: ${reason}`, { cause });
}

function readSegments(bytes: Buffer): Segment[] {
  const start = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = start + index * size;
    return {
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: bytes.readBigUInt64LE(at + 16),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

function readDynamic(bytes: Buffer, segments: readonly Segment[]): Pick<ElfFacts, "needed" | "searchPaths"> {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return { needed: [], searchPaths: [] };
  const entries: { tag: bigint; value: bigint }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const tag = bytes.readBigUInt64LE(at);
    if (tag === 0n) break;
    entries.push({ tag, value: bytes.readBigUInt64LE(at + 8) });
  }
  const table = entries.find(({ tag }) => tag === DT_STRTAB);
  if (table === undefined) return { needed: [], searchPaths: [] };
  const strings = fileOffset(segments, table.value);
  const texts = (...tags: bigint[]): string[] =>
    entries
      .filter(({ tag }) => tags.includes(tag))
      .map(({ value }) => textAt(bytes, strings + Number(value)));
  return {
    needed: texts(DT_NEEDED),
    searchPaths: texts(DT_RUNPATH, DT_RPATH).flatMap((paths) => paths.split(":")),
  };
}

/** The string table is given by its address in memory; the loaded segment around it says where that is in the file. */
function fileOffset(segments: readonly Segment[], address: bigint): number {
  const segment = segments.find(
    ({ type, address: start, size }) =>
      type === PT_LOAD && address >= start && address < start + BigInt(size),
  );
  if (segment === undefined) throw new RangeError("no segment holds the string table");
  return segment.offset + Number(address - segment.address);
}

function textAt(bytes: Buffer, offset: number): string {
  const end = bytes.indexOf(0, offset);
  if (offset >= bytes.length || end === -1) throw new RangeError("text without end");
  return bytes.toString("latin1", offset, end);
}
