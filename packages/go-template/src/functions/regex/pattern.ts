import { RE2JS } from "re2js";
import { type Budget, limitError } from "../../limits.ts";
import {
  type ByteString,
  decodeRune,
  decodeText,
  isAscii,
  runeError,
  toBytes,
} from "../../text/byte-string.ts";
import { isDigit, isLetter } from "../../text/unicode.ts";

/** Longest pattern; more makes programs that no template needs. */
const maxPattern = 65_536;
const cacheSize = 256;

/** Start and end of a match and of its groups in pairs, -1 for a group that took no part. */
export type Match = readonly number[];

/** A compiled expression of the RE2 syntax. */
export interface Pattern {
  readonly re: RE2JS;
  readonly groups: number;
  readonly names: Readonly<Record<string, number>>;
  readonly size: number;
}

const cache = new Map<ByteString, Pattern>();

/** Patterns must be characters; texts need not. */
function checkUtf8(pattern: ByteString): void {
  if (isAscii(pattern)) return;
  for (let at = 0; at < pattern.length;) {
    const { rune, size } = decodeRune(pattern, at);
    if (rune === runeError && size === 1) {
      throw new Error(decodeText(`error parsing regexp: invalid UTF-8: \`${pattern.slice(at)}\``));
    }
    at += size;
  }
}

/** Go lets groups share a name; all but the first lose theirs, because the port does not. */
function distinctNames(pattern: string): string {
  const seen = new Set<string>();
  return pattern.replaceAll(
    /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P?<(\w+)>/gs,
    (part, name: string | undefined) => {
      if (name === undefined || !seen.has(name)) {
        seen.add(name ?? "");
        return part;
      }
      return "(";
    },
  );
}

/** Compiles a pattern, or finds it compiled. Throws with Go's message. */
export function compilePattern(pattern: ByteString): Pattern {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > maxPattern) throw limitError(`regular expression exceeds ${maxPattern} bytes`);
  checkUtf8(pattern);
  const original = decodeText(pattern);
  const distinct = distinctNames(original);
  let re: RE2JS;
  try {
    re = RE2JS.compile(distinct);
  } catch (error) {
    const message = (error as Error).message.replace(`\`${distinct}\``, () => `\`${original}\``);
    // The port leaves out the empty quotation that Go prints here.
    const rest = message.endsWith("trailing backslash at end of expression") ? ": ``" : "";
    throw new Error(message + rest, { cause: error });
  }
  const compiled = { re, groups: re.groupCount(), names: re.namedGroups(), size: re.programSize() };
  if (cache.size >= cacheSize) cache.clear();
  cache.set(pattern, compiled);
  return compiled;
}

/** Finds matches in one text; offsets count bytes. */
class Searcher {
  readonly #matcher: ReturnType<RE2JS["matcher"]>;
  readonly #groups: number;
  readonly #text: ByteString;

  constructor(pattern: Pattern, text: ByteString, budget: Budget) {
    // A search may step through every instruction for every character.
    budget.spend(text.length * Math.min(pattern.size, 64));
    this.#matcher = pattern.re.matcher(isAscii(text) ? text : toBytes(text));
    this.#groups = pattern.groups;
    this.#text = text;
  }

  /** The first match that begins at `from` or later. */
  find(from: number): Match | undefined {
    if (!this.#matcher.find(from)) return undefined;
    const match: number[] = [];
    for (let group = 0; group <= this.#groups; group++) {
      match.push(this.#matcher.start(group), this.#matcher.end(group));
    }
    return match;
  }

  /** Bytes of the character at an offset, 0 at the end. */
  width(at: number): number {
    return at < this.#text.length ? decodeRune(this.#text, at).size : 0;
  }
}

/** All matches, at most `limit` unless that is negative; no empty one right behind another. */
export function findAll(pattern: Pattern, text: ByteString, limit: number, budget: Budget): Match[] {
  const searcher = new Searcher(pattern, text, budget);
  const matches: Match[] = [];
  let previousEnd = -1;
  const most = limit < 0 ? Infinity : limit;
  for (let at = 0; at <= text.length && matches.length < most;) {
    const match = searcher.find(at);
    if (match === undefined) break;
    const [start = 0, end = 0] = match;
    const empty = end === at;
    if (!empty || start !== previousEnd) {
      budget.spend(100);
      matches.push(match);
    }
    at = empty ? at + (searcher.width(at) || 1) : end;
    previousEnd = end;
  }
  return matches;
}

/** Replaces all matches by what `replace` gives for each. */
export function replaceMatches(
  pattern: Pattern,
  text: ByteString,
  replace: (match: Match) => ByteString,
  budget: Budget,
): ByteString {
  const searcher = new Searcher(pattern, text, budget);
  let out = "";
  let copied = 0;
  for (let at = 0; at <= text.length;) {
    const match = searcher.find(at);
    if (match === undefined) break;
    const [start = 0, end = 0] = match;
    budget.spend(100);
    out += text.slice(copied, start);
    if (end > copied || start === 0) out += replace(match);
    budget.checkSize(out.length);
    copied = end;
    const next = at + (searcher.width(at) || 1);
    at = next > end ? next : end;
  }
  return out + text.slice(copied);
}

/** A reference in a replacement: `$1`, `$name`, `${name}`. */
interface Reference {
  readonly name: string;
  readonly next: number;
}

function referenceAt(template: ByteString, at: number): Reference | undefined {
  const braced = template[at] === "{";
  const from = braced ? at + 1 : at;
  let end = from;
  while (end < template.length) {
    const { rune, size } = decodeRune(template, end);
    if (rune !== 95 && !isLetter(rune) && !isDigit(rune)) break;
    end += size;
  }
  if (end === from || (braced && template[end] !== "}")) return undefined;
  return { name: template.slice(from, end), next: braced ? end + 1 : end };
}

function groupText(pattern: Pattern, text: ByteString, match: Match, name: ByteString): ByteString {
  const numbered = /^(?:0|[1-9][0-9]{0,8})$/.test(name);
  const group = numbered ? Number(name) : pattern.names[decodeText(name)];
  const start = group === undefined ? -1 : (match[2 * group] ?? -1);
  return start < 0 ? "" : text.slice(start, match[2 * (group ?? 0) + 1]);
}

/** Fills a replacement with the groups of a match; the longest possible name is taken. */
export function expand(pattern: Pattern, template: ByteString, text: ByteString, match: Match): ByteString {
  let out = "";
  for (let at = 0; ;) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) return out + template.slice(at);
    out += template.slice(at, dollar);
    at = dollar + 1;
    if (template[at] === "$") {
      out += "$";
      at++;
      continue;
    }
    const reference = referenceAt(template, at);
    if (reference === undefined) {
      out += "$";
    } else {
      out += groupText(pattern, text, match, reference.name);
      at = reference.next;
    }
  }
}

/** Escapes what has a meaning in a pattern. */
export function quoteMeta(text: ByteString): ByteString {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
