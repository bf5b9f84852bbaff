import type { ByteString } from "../../text/byte-string.ts";

/** A semantic version as the Masterminds library reads it. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: ByteString;
  readonly metadata: ByteString;
  /** As written. */
  readonly original: ByteString;
}

const maxLength = 256;
const loose =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const maxUint64 = (1n << 64n) - 1n;

function segment(digits: string | undefined): bigint {
  const value = BigInt(digits ?? "0");
  if (value <= maxUint64) return value;
  throw new Error(
    `error parsing version segment: strconv.ParseUint: parsing ${JSON.stringify(digits)}: value out of range`,
  );
}

/** Checks a pre-release; throws with Masterminds' message. */
export function checkPrerelease(text: ByteString): void {
  for (const part of text.split(".")) {
    if (!/^[0-9A-Za-z-]+$/.test(part)) throw new Error("invalid prerelease string");
    if (/^0[0-9]+$/.test(part)) throw new Error("version segment starts with 0");
  }
}

/** Checks build metadata; throws with Masterminds' message. */
export function checkMetadata(text: ByteString): void {
  if (!text.split(".").every((part) => /^[0-9A-Za-z-]+$/.test(part)))
    throw new Error("invalid metadata string");
}

/** Reads a version; `v` in front and missing minor and patch numbers are fine. Throws with Masterminds' message. */
export function parseVersion(text: ByteString): Version {
  if (text.length > maxLength) throw new Error(`version string is too long (max ${maxLength} bytes)`);
  const match = loose.exec(text);
  if (match === null) throw new Error("invalid semantic version");
  const [, major, minor, patch, pre = "", metadata = ""] = match;
  const numbers = { major: segment(major), minor: segment(minor), patch: segment(patch) };
  if (pre !== "") checkPrerelease(pre);
  return { ...numbers, pre, metadata, original: text };
}

/** The canonical text, without `v`. */
export function versionText({ major, minor, patch, pre, metadata }: Version): ByteString {
  return `${major}.${minor}.${patch}${pre === "" ? "" : `-${pre}`}${metadata === "" ? "" : `+${metadata}`}`;
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function asNumber(part: string): bigint | undefined {
  const value = /^[0-9]+$/.test(part) ? BigInt(part) : undefined;
  return value !== undefined && value <= maxUint64 ? value : undefined;
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return -1;
  if (b === "") return 1;
  const left = asNumber(a);
  const right = asNumber(b);
  if (left === undefined && right === undefined) return a > b ? 1 : -1;
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  return left > right ? 1 : -1;
}

/** Order of two pre-releases by their parts; the shorter comes first. */
export function comparePrerelease(a: ByteString, b: ByteString): number {
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i] ?? "", right[i] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

/** Order of two versions: -1, 0 or 1; metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  const order =
    compareBigints(a.major, b.major) || compareBigints(a.minor, b.minor) || compareBigints(a.patch, b.patch);
  if (order !== 0 || a.pre === b.pre) return order;
  if (a.pre === "") return 1;
  if (b.pre === "") return -1;
  return comparePrerelease(a.pre, b.pre);
}
