import type { ByteString } from "../../text/byte-string.ts";
import { decodeText } from "../../text/byte-string.ts";
import { quote } from "../../text/quote.ts";
import { comparePrerelease, compareVersions, parseVersion, type Version } from "./version.ts";

const maxLength = 512;
const maxGroups = 32;

const operators = "=|!=|>|<|>=|=>|<=|=<|~|~>|\\^|";
const part = "[0-9|x|X|\\*]+";
const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const version = `v?(?:${part})(?:\\.${part})?(?:\\.${part})?(?:-${identifiers})?(?:\\+${identifiers})?`;
const space = "[\\t\\n\\f\\r ]";

const range = new RegExp(`${space}*(${version})${space}+-${space}+(${version})${space}*`, "g");
const term = `(?:${operators})${space}*(?:${version})`;
const group = new RegExp(`^${space}*${term}${space}*(?:(?:${space}+|,${space}*)${term}${space}*)*$`);
const terms = new RegExp(term, "g");
const single = new RegExp(
  `^(${operators})${space}*v?(${part})(?:\\.(${part}))?(?:\\.(${part}))?((?:-${identifiers})?)((?:\\+${identifiers})?)$`,
);

/** One operator with its version; `minorOpen` and `patchOpen` mark parts that were left out or wild. */
interface Term {
  readonly operator: string;
  readonly version: Version;
  readonly open: boolean;
  readonly minorOpen: boolean;
  readonly patchOpen: boolean;
}

/** Alternatives, each a list of terms that must all hold. */
export type Constraint = readonly (readonly Term[])[];

function isWild(text: string | undefined): boolean {
  return text === undefined || text === "x" || text === "X" || text === "*";
}

function parseTerm(text: ByteString): Term {
  const match = single.exec(text);
  if (match === null) throw new Error(decodeText(`improper constraint: ${quote(text)}`));
  const [, operator = "", major = "", minor, patch, pre = ""] = match;
  const majorOpen = isWild(major);
  const minorOpen = !majorOpen && isWild(minor);
  const patchOpen = !majorOpen && !minorOpen && isWild(patch);
  const core = majorOpen
    ? "0.0.0"
    : minorOpen
      ? `${major}.0.0`
      : patchOpen
        ? `${major}.${minor}.0`
        : undefined;
  const open = core !== undefined;
  try {
    // A full version keeps what follows the core, an open one its pre-release only.
    const parsed = parseVersion(open ? core + pre : text.slice(operator.length).trim());
    return { operator, version: parsed, open, minorOpen, patchOpen };
  } catch (error) {
    throw new Error("constraint parser error", { cause: error });
  }
}

/** Reads a constraint of the Masterminds dialect. Throws with its messages. */
export function parseConstraint(text: ByteString): Constraint {
  if (text.length > maxLength) throw new Error(`constraint string is too long (max ${maxLength} bytes)`);
  const groups = text.replaceAll(range, ">= $1, <= $2 ").split("||");
  if (groups.length > maxGroups) throw new Error(`too many constraint groups (max ${maxGroups})`);
  return groups.map((one) => {
    if (!group.test(one)) throw new Error(decodeText(`improper constraint: ${quote(one)}`));
    return (one.match(terms) ?? [one]).map(parseTerm);
  });
}

function matchesTilde(v: Version, { version: c, minorOpen, patchOpen }: Term): boolean {
  if (compareVersions(v, c) < 0) return false;
  if (c.major === 0n && c.minor === 0n && c.patch === 0n && !minorOpen && !patchOpen) return true;
  return v.major === c.major && (v.minor === c.minor || minorOpen);
}

function matchesCaret(v: Version, { version: c, minorOpen, patchOpen }: Term): boolean {
  if (compareVersions(v, c) < 0) return false;
  if (c.major > 0n || minorOpen) return v.major === c.major;
  if (v.major > 0n) return false;
  if (c.minor > 0n || patchOpen) return v.minor === c.minor;
  return v.minor === 0n && v.patch === c.patch;
}

function differs(v: Version, { version: c, open, minorOpen, patchOpen }: Term): boolean {
  if (open) {
    if (c.major !== v.major) return true;
    if (c.minor !== v.minor && !minorOpen) return true;
    if (minorOpen) return false;
    if (c.patch !== v.patch && !patchOpen) return true;
    if (patchOpen) return (v.pre !== "" || c.pre !== "") && comparePrerelease(v.pre, c.pre) !== 0;
  }
  return compareVersions(v, c) !== 0;
}

function isGreater(v: Version, { version: c, open, minorOpen, patchOpen }: Term): boolean {
  if (!open || v.major !== c.major) return open ? v.major > c.major : compareVersions(v, c) > 0;
  if (minorOpen) return false;
  return patchOpen ? v.minor > c.minor : compareVersions(v, c) > 0;
}

function isAtMost(v: Version, { version: c, open, minorOpen }: Term): boolean {
  if (!open) return compareVersions(v, c) <= 0;
  return v.major <= c.major && !(v.major === c.major && v.minor > c.minor && !minorOpen);
}

function holds(v: Version, one: Term): boolean {
  switch (one.operator) {
    case "!=":
      return differs(v, one);
    case ">":
      return isGreater(v, one);
    case "<":
      return compareVersions(v, one.version) < 0;
    case ">=":
    case "=>":
      return compareVersions(v, one.version) >= 0;
    case "<=":
    case "=<":
      return isAtMost(v, one);
    case "~":
    case "~>":
      return matchesTilde(v, one);
    case "^":
      return matchesCaret(v, one);
    default:
      return one.open ? matchesTilde(v, one) : compareVersions(v, one.version) === 0;
  }
}

/** Tells whether a version satisfies a constraint. A pre-release matches only a group that names one itself. */
export function satisfies(v: Version, constraint: Constraint): boolean {
  return constraint.some((group) => {
    if (v.pre !== "" && group.every((one) => one.version.pre === "")) return false;
    return group.every((one) => holds(v, one));
  });
}
