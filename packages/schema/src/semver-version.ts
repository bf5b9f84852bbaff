import { SchemaError } from "./errors.ts";
import { goQuote } from "./go-quote.ts";
import { compareBytes } from "./json-text.ts";

/** Largest number of a version; in ranges it stands for "any". */
export const maxPart: bigint = 2n ** 64n - 1n;

/** A version in the dialect of package constraints and repositories. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly preRelease: readonly string[];
  readonly buildMetadata: readonly string[];
}

/**
 * `documented`: what the documentation of the version library promises. `upstream`: what it does, with its
 * mistakes (one-letter identifiers are refused, some bounds of ranges are lost or wrap around).
 */
export type SemverReading = "documented" | "upstream";

/** How versions and ranges are read. */
export interface SemverOptions {
  /** Default `documented`. */
  readonly reading?: SemverReading;
}

/**
 * Parses strict SemVer 2.0.0: three numbers without `v`, leading zeros or blanks.
 *
 * @throws SchemaError `invalid-version` with the column and the complaint.
 */
export function parseVersion(text: string, options: SemverOptions = {}): Version {
  return new VersionParser(Array.from(text), options.reading ?? "documented").parse();
}

/** The text of a version; the largest number prints as `x`. */
export function formatVersion({ major, minor, patch, preRelease, buildMetadata }: Version): string {
  const core = [major, minor, patch].map((part) => (part === maxPart ? "x" : String(part))).join(".");
  const pre = preRelease.length > 0 ? `-${preRelease.join(".")}` : "";
  return core + pre + (buildMetadata.length > 0 ? `+${buildMetadata.join(".")}` : "");
}

/** Precedence of SemVer: build metadata does not count, a pre-release comes before its release. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  for (const part of ["major", "minor", "patch"] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) {
    return sign(b.preRelease.length - a.preRelease.length);
  }
  for (const [index, identifier] of a.preRelease.entries()) {
    const other = b.preRelease[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return sign(order);
  }
  return sign(a.preRelease.length - b.preRelease.length);
}

function sign(order: number): -1 | 0 | 1 {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

/** Numbers come before words and compare by value, words by bytes. */
function compareIdentifiers(a: string, b: string): number {
  const numeric = [a, b].map((identifier) => /^[0-9]+$/.test(identifier));
  if (numeric[0] !== numeric[1]) return numeric[0] === true ? -1 : 1;
  if (numeric[0] !== true || a.length === b.length) return compareBytes(a, b);
  return a.length - b.length;
}

/** Reads one character ahead; columns count from one and stay at the last character at the end. */
class VersionParser {
  readonly #chars: readonly string[];
  readonly #reading: SemverReading;
  #column = 0;
  #char: string | undefined;

  constructor(chars: readonly string[], reading: SemverReading) {
    this.#chars = chars;
    this.#reading = reading;
    this.#char = chars[0];
    this.#column = chars.length > 0 ? 1 : 0;
  }

  parse(): Version {
    const numbers: bigint[] = [];
    let preRelease: string[] = [];
    let buildMetadata: string[] = [];
    for (let char = this.#next(); char !== undefined; char = this.#next()) {
      if (numbers.length < 3) {
        numbers.push(this.#number(char));
        if (numbers.length < 3 && this.#char === ".") this.#next();
      } else if (char === "-" && preRelease.length === 0 && buildMetadata.length === 0) {
        preRelease = this.#identifiers("pre release", isPreRelease);
      } else if (char === "+") {
        buildMetadata = this.#identifiers("build", isBuild);
      } else {
        throw this.#fail(`invalid character '${this.#char ?? "\ufffd"}'`);
      }
    }
    const missing = ["major", "minor", "patch"][numbers.length];
    if (missing !== undefined) throw this.#fail(`missing ${missing}`, this.#column + 1);
    const [major, minor, patch] = numbers as [bigint, bigint, bigint];
    return { major, minor, patch, preRelease, buildMetadata };
  }

  #fail(message: string, column: number = this.#column): SchemaError {
    return new SchemaError("invalid-version", `col ${column}: ${message}`);
  }

  /** Takes the current character and moves on; white space and control characters end the version. */
  #next(): string | undefined {
    const char = this.#char;
    const following = this.#chars[this.#column];
    if (char === undefined || following === undefined) {
      this.#char = undefined;
      return char;
    }
    if (char === "\n") throw this.#fail("illegal character NEWLINE");
    if (char === " ") throw this.#fail("illegal character SPACE");
    if (following === "\0") throw this.#fail("illegal character NUL");
    this.#column++;
    this.#char = following;
    return char;
  }

  #number(first: string): bigint {
    const start = this.#column;
    let digits = first;
    while (this.#char !== undefined && /^[0-9]$/.test(this.#char)) digits += this.#next()!;
    if (digits === ".") throw this.#fail("expected number, got nothing", start);
    if (digits !== "0" && !/^[1-9]/.test(digits)) {
      throw this.#fail(`starts with non-positive integer '${first}'`, this.#column - 1);
    }
    const value = BigInt(digits);
    if (value > maxPart) {
      const message = `strconv.ParseUint: parsing "${digits}": value out of range`;
      throw new SchemaError("invalid-version", message);
    }
    return value;
  }

  #identifiers(kind: string, isValid: (identifier: string, reading: SemverReading) => boolean): string[] {
    const found: string[] = [];
    do {
      const start = this.#column;
      let identifier = "";
      while (this.#char !== undefined && this.#char !== "+" && this.#char !== ".")
        identifier += this.#next()!;
      if (this.#char === ".") this.#next();
      if (identifier === "") throw this.#fail(`${kind} identifier empty`, start);
      if (!isValid(identifier, this.#reading)) {
        throw this.#fail(`invalid ${kind} identifier ${goQuote(identifier)}`, start);
      }
      found.push(identifier);
    } while (this.#char !== undefined && this.#char !== "+");
    return found;
  }
}

function isPreRelease(identifier: string, reading: SemverReading): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(identifier) || isWord(identifier, reading);
}

function isBuild(identifier: string, reading: SemverReading): boolean {
  return /^[0-9]+$/.test(identifier) || isWord(identifier, reading);
}

/** Letters, digits and dashes, not only digits; upstream wants at least two of them. */
function isWord(identifier: string, reading: SemverReading): boolean {
  if (!/^[0-9A-Za-z-]*[A-Za-z-][0-9A-Za-z-]*$/.test(identifier)) return false;
  return reading === "documented" || identifier.length > 1;
}
