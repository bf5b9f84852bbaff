import { SchemaError } from "./errors.ts";
import { goQuote } from "./go-quote.ts";
import {
  containsRange,
  expandRange,
  formatRange,
  highest,
  hyphenRange,
  inRange,
  lowest,
  plainVersion,
  type VersionRange,
} from "./semver-range.ts";
import { scanRange, type RangeOperator, type RangeToken } from "./semver-scanner.ts";
import {
  compareVersions,
  formatVersion,
  maxPart,
  type SemverOptions,
  type SemverReading,
  type Version,
} from "./semver-version.ts";

/** Which versions are wanted, in the dialect of package constraints. */
export type Constraint =
  | ({ readonly kind: "range" } & VersionRange)
  | { readonly kind: "not"; readonly range: VersionRange }
  | { readonly kind: "and" | "or"; readonly parts: readonly Constraint[] };

/**
 * Parses a range such as `>=1.2 <2`, `^1.2.3 || 3.0 - 3.x`. A bare version is no range.
 *
 * @throws SchemaError `invalid-constraint` with the column and the complaint.
 */
export function parseConstraint(text: string, options: SemverOptions = {}): Constraint {
  return new ConstraintParser(options.reading ?? "documented").parse(text);
}

/** Whether a version meets a constraint; pre-releases take part by precedence. */
export function satisfies(constraint: Constraint, version: Version): boolean {
  switch (constraint.kind) {
    case "range":
      return inRange(constraint, version);
    case "not":
      return !inRange(constraint.range, version);
    case "and":
      return constraint.parts.every((part) => satisfies(part, version));
    default:
      return constraint.parts.some((part) => satisfies(part, version));
  }
}

type Part = Extract<Constraint, { kind: "range" | "not" }>;

/** The version that is being read. */
interface Draft {
  readonly numbers: [bigint, bigint, bigint];
  readonly anyMajor: boolean;
}

class ConstraintParser {
  readonly #reading: SemverReading;
  /** Parts of the conjunction at hand: all that were given, and what upstream makes of them. */
  #given: Part[] = [];
  #compacted: Part[] = [];
  readonly #alternatives: Constraint[] = [];
  #operator: RangeOperator | "-" | undefined;
  #min: Draft | undefined;
  #max: Draft | undefined;
  /** Whether numbers belong to the upper bound. */
  #upper = false;
  #open = false;
  #position = 0;
  #precision = 0;
  #expectingNumber = false;

  constructor(reading: SemverReading) {
    this.#reading = reading;
  }

  parse(text: string): Constraint {
    for (const token of scanRange(text)) this.#token(token);
    const [first, ...others] = this.#alternatives;
    if (first === undefined) throw fail(1, "empty");
    return others.length === 0 ? first : { kind: "or", parts: this.#alternatives };
  }

  #token(token: RangeToken): void {
    const { column } = token;
    switch (token.kind) {
      case "space":
        return this.#closeVersion(column);
      case "operator":
        this.#closeRange(column);
        this.#operator = token.operator!;
        return undefined;
      case "and":
      case "or":
        return this.#separator(column, token.kind);
      case "hyphen":
        return this.#hyphen(column);
      case "number":
        return this.#number(token.value!, false);
      case "wildcard":
        return this.#number(this.#upper ? maxPart : 0n, true);
      case "dot":
        this.#expectingNumber = true;
        if (++this.#position > 2) throw fail(column, "found 3rd dot when parsing semver");
        return undefined;
      case "end":
        this.#closeRange(column);
        return this.#closeConjunction();
    }
  }

  #number(value: bigint, wildcard: boolean): void {
    const draft = (this.#upper ? this.#max : this.#min) ?? { numbers: [0n, 0n, 0n], anyMajor: false };
    const numbers: Draft["numbers"] = [...draft.numbers];
    numbers[this.#position] = value;
    const next: Draft = { numbers, anyMajor: draft.anyMajor || (wildcard && this.#position === 0) };
    if (this.#upper) this.#max = next;
    else this.#min = next;
    this.#open = true;
    // A wildcard makes the version only as precise as the part before it.
    if (wildcard && this.#position > 0) this.#position--;
    this.#expectingNumber = false;
  }

  #hyphen(column: number): void {
    if (this.#operator === "-") throw fail(column, "double hyphen in range constraint");
    this.#closeVersion(column);
    this.#operator = "-";
    this.#upper = true;
    this.#expectingNumber = true;
  }

  #separator(column: number, kind: "and" | "or"): void {
    const name = kind.toUpperCase();
    if (this.#min === undefined && this.#max === undefined)
      throw fail(column, `${name} empty range constraint`);
    try {
      this.#closeRange(column);
    } catch (error) {
      throw fail(column, `${name} ${(error as Error).message}`);
    }
    if (kind === "or") this.#closeConjunction();
  }

  #closeVersion(column: number): void {
    if (!this.#open) return;
    if (this.#expectingNumber) throw fail(column, "semver clause incomplete");
    this.#precision = this.#position;
    this.#position = 0;
    this.#upper = true;
    this.#open = false;
  }

  #closeRange(column: number): void {
    if (this.#min === undefined && this.#max === undefined) return;
    this.#closeVersion(column);
    const part = this.#part(column);
    this.#given.push(part);
    this.#compacted = compact([...this.#compacted, part], column);
    this.#min = undefined;
    this.#max = undefined;
    this.#upper = false;
    this.#operator = undefined;
  }

  #part(column: number): Part {
    const min = versionOf(this.#min);
    if (this.#operator === undefined) throw fail(column, "range closed without operator");
    if (this.#operator === "-") return { kind: "range", ...hyphenRange(min, versionOf(this.#max)) };
    const given = { version: min, precision: this.#precision, anyMajor: this.#min?.anyMajor === true };
    const range = expandRange(this.#operator, given, this.#reading);
    return this.#operator === "!=" ? { kind: "not", range } : { kind: "range", ...range };
  }

  #closeConjunction(): void {
    const parts = this.#reading === "documented" ? this.#given : this.#compacted;
    if (this.#given.length > 0)
      this.#alternatives.push(parts.length === 1 ? parts[0]! : { kind: "and", parts });
    this.#given = [];
    this.#compacted = [];
  }
}

function versionOf(draft: Draft | undefined): Version {
  return plainVersion(...(draft?.numbers ?? [0n, 0n, 0n]));
}

function fail(column: number, message: string): SchemaError {
  return new SchemaError("invalid-constraint", `col ${column}: ${message}`);
}

/**
 * Joins a lower and an upper bound into one range and refuses bounds of the same side and ranges that
 * are not inside of the joined one. A single bound beside an exclusion gets lost, which is why only the
 * upstream reading uses the result.
 */
function compact(parts: readonly Part[], column: number): Part[] {
  if (parts.length < 2) return [...parts];
  const kept: Part[] = [];
  let min: Version | undefined;
  let max: Version | undefined;
  for (const part of parts) {
    if (part.kind === "not") kept.push(part);
    else if (compareVersions(part.min, lowest) === 0) {
      if (max !== undefined) {
        throw fail(
          column,
          `<=${formatVersion(part.max)} overlaps with <=${formatVersion(max)} in logical AND`,
        );
      }
      max = part.max;
    } else if (compareVersions(part.max, highest) === 0) {
      if (min !== undefined) {
        throw fail(
          column,
          `>=${formatVersion(part.min)} overlaps with >=${formatVersion(min)} in logical AND`,
        );
      }
      min = part.min;
    } else if (min === undefined || max === undefined) {
      min = part.min;
      max = part.max;
    } else {
      const joined = { min, max };
      if (!containsRange(joined, part)) {
        const [left, right] = [part, joined].map((range) => goQuote(formatRange(range)));
        throw fail(column, `non overlapping ranges ${left} and ${right} in logical AND`);
      }
      kept.push(part);
    }
  }
  return min !== undefined && max !== undefined ? [...kept, { kind: "range", min, max }] : kept;
}
