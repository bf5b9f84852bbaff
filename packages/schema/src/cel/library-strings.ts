import { CelEvaluationError } from "./cel-error.ts";
import { method, type CelCallContext, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

/** White space that Go's `unicode.IsSpace` and JavaScript's `trim` see differently. */
const leading = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const trailing = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

type Texts = readonly CelValue[];

function chars(value: CelValue | undefined, context: CelCallContext): string[] {
  context.spend(Math.ceil((value as string).length / 10));
  return Array.from(value as string);
}

function position(value: CelValue | undefined): number {
  return Number(value);
}

function outOfRange(index: CelValue | undefined): CelEvaluationError {
  return new CelEvaluationError(`index out of range: ${index as bigint}`);
}

function charAt([text, index]: Texts, context: CelCallContext): string {
  const all = chars(text, context);
  const at = position(index);
  if (at < 0 || at > all.length) throw outOfRange(index);
  return all[at] ?? "";
}

function indexOf([text, part, from]: Texts, context: CelCallContext): bigint {
  const all = chars(text, context);
  const wanted = chars(part, context);
  const start = from === undefined ? 0 : position(from);
  if (start < 0) throw outOfRange(from);
  if (wanted.length === 0) return BigInt(Math.min(start, all.length));
  const offset = all.slice(0, start).join("").length;
  const found = (text as string).indexOf(part as string, offset);
  if (start >= all.length || found < 0) return -1n;
  return BigInt(Array.from((text as string).slice(0, found)).length);
}

function lastIndexOf([text, part, to]: Texts, context: CelCallContext): bigint {
  const all = chars(text, context);
  const wanted = chars(part, context);
  const last = all.length - wanted.length;
  const limit = to === undefined ? last : position(to);
  if (limit < 0 && to !== undefined) throw outOfRange(to);
  if (wanted.length === 0) return BigInt(to === undefined ? all.length : Math.min(limit, all.length));
  if (to !== undefined && limit >= all.length) return -1n;
  const offset = all.slice(0, Math.max(0, limit)).join("").length;
  const found = last < 0 ? -1 : (text as string).lastIndexOf(part as string, offset);
  return found < 0 ? -1n : BigInt(Array.from((text as string).slice(0, found)).length);
}

function replace([text, from, to, count]: Texts, context: CelCallContext): string {
  const limit = count === undefined ? -1 : position(count);
  const parts = splitText(text as string, from as string, limit < 0 ? -1 : limit + 1, context);
  // Go puts the replacement for an empty text around every character.
  const pieces = from === "" ? aroundCharacters(text as string, limit) : parts;
  const result = limit === 0 ? (text as string) : pieces.join(to as string);
  context.spend(Math.ceil(result.length / 10));
  return result;
}

function aroundCharacters(text: string, limit: number): string[] {
  const all = Array.from(text);
  if (limit < 0 || limit > all.length) return ["", ...all, ""];
  return ["", ...all.slice(0, limit - 1), all.slice(limit - 1).join("")];
}

/** Splits into at most `limit` parts; negative: as many as there are. */
function splitText(text: string, by: string, limit: number, context: CelCallContext): string[] {
  context.spend(Math.ceil(text.length / 10));
  const parts = by === "" ? Array.from(text) : text.split(by);
  context.spend(parts.length);
  if (limit < 0 || parts.length <= limit) return parts;
  return limit === 0 ? [] : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(by)];
}

function substring([text, from, to]: Texts, context: CelCallContext): string {
  const all = chars(text, context);
  const start = position(from);
  const end = to === undefined ? all.length : position(to);
  if (to !== undefined && start > end) {
    const range = `start: ${from as bigint}, end: ${to as bigint}`;
    throw new CelEvaluationError(`invalid substring range. ${range}`);
  }
  if (start < 0 || start > all.length) throw outOfRange(from);
  if (end < 0 || end > all.length) throw outOfRange(to);
  return all.slice(start, end).join("");
}

function join([items, separator]: Texts, context: CelCallContext): string {
  const texts = (items as readonly CelValue[]).map((item) => {
    if (typeof item !== "string") throw new CelEvaluationError("no such overload");
    return item;
  });
  const joined = texts.join((separator as string | undefined) ?? "");
  context.spend(texts.length + Math.ceil(joined.length / 10));
  return joined;
}

/** Changes the case of ASCII letters only. */
function asciiCase(pattern: RegExp, change: (char: string) => string): CelOverload["call"] {
  return ([text], context) => {
    context.spend(Math.ceil((text as string).length / 10));
    return (text as string).replaceAll(pattern, change);
  };
}

const { string, int } = t;

/** cel-go's string extension, version 0. */
export const stringsLibrary: readonly CelOverload[] = [
  method("charAt", [string, int], string, charAt),
  method("indexOf", [string, string], int, indexOf),
  method("indexOf", [string, string, int], int, indexOf),
  method("lastIndexOf", [string, string], int, lastIndexOf),
  method("lastIndexOf", [string, string, int], int, lastIndexOf),
  method("join", [t.list(string)], string, join),
  method("join", [t.list(string), string], string, join),
  method(
    "lowerAscii",
    [string],
    string,
    asciiCase(/[A-Z]/g, (char) => char.toLowerCase()),
  ),
  method(
    "upperAscii",
    [string],
    string,
    asciiCase(/[a-z]/g, (char) => char.toUpperCase()),
  ),
  method("replace", [string, string, string], string, replace),
  method("replace", [string, string, string, int], string, replace),
  method("split", [string, string], t.list(string), ([text, by], context) =>
    splitText(text as string, by as string, -1, context),
  ),
  method("split", [string, string, int], t.list(string), ([text, by, limit], context) =>
    splitText(text as string, by as string, position(limit), context),
  ),
  method("substring", [string, int], string, substring),
  method("substring", [string, int, int], string, substring),
  method("trim", [string], string, ([text]) => (text as string).replace(leading, "").replace(trailing, "")),
];
