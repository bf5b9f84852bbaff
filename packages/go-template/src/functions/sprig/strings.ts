import { formatValue } from "../../format/print.ts";
import type { Budget } from "../../limits.ts";
import {
  type ByteString,
  decodeRune,
  encodeRune,
  fromRunes,
  isAscii,
  mapRunes,
  runesOf,
} from "../../text/byte-string.ts";
import { quote } from "../../text/quote.ts";
import {
  isDigit,
  isLetter,
  isLower,
  isSpace,
  isTitle,
  isUpper,
  toLower,
  toTitle,
  toUpper,
} from "../../text/unicode.ts";
import type { Value } from "../../value/value.ts";
import { toText } from "../convert.ts";
import { define, defineScan, defineVariadic, type FunctionMap } from "../function.ts";

/** An int for a message; a double holds the largest one only rounded up. */
function showInt(value: number): string {
  return value >= 2 ** 63 ? "9223372036854775807" : String(BigInt(value));
}

/** A Go slice expression on a string, with the error of Go's runtime. */
function sliceText(text: ByteString, from: number, to: number): ByteString {
  const outOfRange = "runtime error: slice bounds out of range";
  if (to < 0) throw new Error(`${outOfRange} [:${showInt(to)}]`);
  if (to > text.length) throw new Error(`${outOfRange} [:${showInt(to)}] with length ${text.length}`);
  if (from > to) throw new Error(`${outOfRange} [${showInt(from)}:${to}]`);
  return text.slice(from, to);
}

function substring(from: number, to: number, text: ByteString): ByteString {
  if (from < 0) return sliceText(text, 0, to);
  return sliceText(text, from, to < 0 || to > text.length ? text.length : to);
}

function truncate(count: number, text: ByteString): ByteString {
  if (count >= 0) return text.slice(0, count);
  return text.length + count > 0 ? text.slice(count) : text;
}

function abbreviate(text: ByteString, offset: number, width: number): ByteString {
  if (width < 4 || text === "") return "";
  if (text.length <= width) return text;
  const kept = width - 3;
  const from = text.length - Math.min(offset, text.length) < kept ? text.length - kept : offset;
  if (from <= 4) return `${text.slice(0, kept)}...`;
  if (width < 7) return "";
  if (from + kept < text.length) return `...${abbreviate(text.slice(from), 0, kept)}`;
  return `...${text.slice(text.length - kept)}`;
}

function cutStart(text: ByteString, drop: (rune: number) => boolean): ByteString {
  let at = 0;
  while (at < text.length) {
    const { rune, size } = decodeRune(text, at);
    if (!drop(rune)) break;
    at += size;
  }
  return text.slice(at);
}

function cutEnd(text: ByteString, drop: (rune: number) => boolean): ByteString {
  const kept = cutStart(text, drop);
  let end = 0;
  for (let at = 0; at < kept.length;) {
    const { rune, size } = decodeRune(kept, at);
    at += size;
    if (!drop(rune)) end = at;
  }
  return kept.slice(0, end);
}

function trimSet(cut: ByteString, text: ByteString): ByteString {
  const set = new Set(runesOf(cut));
  return cutEnd(text, (rune) => set.has(rune));
}

function mapCase(
  text: ByteString,
  one: (rune: number) => number,
  ascii: "toUpperCase" | "toLowerCase",
): ByteString {
  return isAscii(text) ? text[ascii]() : mapRunes(text, one);
}

/** Upper case after everything that separates words: beyond ASCII only white space does. */
function titleWords(text: ByteString): ByteString {
  let previous = 32;
  return mapRunes(text, (rune) => {
    const separated =
      previous < 0x80
        ? previous !== 95 && !isLetter(previous) && !isDigit(previous)
        : !isLetter(previous) && !isDigit(previous) && isSpace(previous);
    previous = rune;
    return separated ? toTitle(rune) : rune;
  });
}

function untitleWords(text: ByteString): ByteString {
  let first = true;
  return mapRunes(text, (rune) => {
    if (isSpace(rune)) {
      first = true;
      return rune;
    }
    const changed = first ? toLower(rune) : rune;
    first = false;
    return changed;
  });
}

function swapCase(text: ByteString): ByteString {
  let afterSpace = true;
  return mapRunes(text, (rune) => {
    if (isUpper(rune) || isTitle(rune)) {
      afterSpace = false;
      return toLower(rune);
    }
    if (isLower(rune)) {
      const changed = afterSpace ? toTitle(rune) : toUpper(rune);
      afterSpace = false;
      return changed;
    }
    afterSpace = isSpace(rune);
    return rune;
  });
}

function bytesOf(text: ByteString): number[] {
  return Array.from(text, (byte) => byte.charCodeAt(0));
}

/** Looks at bytes but writes each as a character, which mangles what is not ASCII, as goutils does. */
function withoutSpace(text: ByteString): ByteString {
  const kept = bytesOf(text).filter((code) => !isSpace(code));
  return kept.length === text.length ? text : fromRunes(kept);
}

function initials(text: ByteString): ByteString {
  let gap = true;
  let out = "";
  for (const code of bytesOf(text)) {
    if (isSpace(code)) gap = true;
    else if (gap) {
      out += encodeRune(code);
      gap = false;
    }
  }
  return out;
}

function repeat(count: number, text: ByteString, budget: Budget): ByteString {
  if (count < 0) throw new Error("strings: negative Repeat count");
  budget.reserve(count * text.length);
  return text === "" ? "" : text.repeat(count);
}

/** `strings.ReplaceAll`; an empty `from` matches between all characters. */
function replaceAll(text: ByteString, from: ByteString, to: ByteString, budget: Budget): ByteString {
  if (from === "") {
    budget.reserve((text.length + 1) * to.length + text.length);
    let out = to;
    for (let at = 0; at < text.length;) {
      const { size } = decodeRune(text, at);
      out += text.slice(at, at + size) + to;
      at += size;
    }
    return out;
  }
  const pieces = text.split(from);
  budget.reserve(text.length + (pieces.length - 1) * to.length);
  return pieces.join(to);
}

function indent(count: number, text: ByteString, budget: Budget): ByteString {
  const pad = repeat(count, " ", budget);
  return pad + replaceAll(text, "\n", `\n${pad}`, budget);
}

function quoted(value: Value, budget: Budget): ByteString {
  const text = toText(value, budget);
  budget.spend(16 * text.length);
  return quote(text);
}

/** Strings: cutting, case, quoting, and tests. */
export const strings: FunctionMap = {
  hello: define([], () => "Hello!"),
  abbrev: define(["int", "string"], ([width, text]) => (width < 4 ? text : abbreviate(text, 0, width))),
  abbrevboth: define(["int", "int", "string"], ([offset, width, text]) =>
    width < 4 || (offset > 0 && width < 7) ? text : abbreviate(text, offset, width),
  ),
  trunc: define(["int", "string"], ([count, text]) => truncate(count, text)),
  trim: define(["string"], ([text]) => cutEnd(text, isSpace)),
  upper: defineScan(8, (text) => mapCase(text, toUpper, "toUpperCase")),
  lower: defineScan(8, (text) => mapCase(text, toLower, "toLowerCase")),
  title: defineScan(16, titleWords),
  untitle: defineScan(16, untitleWords),
  substr: define(["int", "int", "string"], ([from, to, text]) => substring(from, to, text)),
  repeat: define(["int", "string"], ([count, text], { budget }) => repeat(count, text, budget)),
  trimAll: define(["string", "string"], ([cut, text]) => trimSet(cut, text)),
  trimSuffix: define(["string", "string"], ([end, text]) =>
    text.endsWith(end) ? text.slice(0, text.length - end.length) : text,
  ),
  trimPrefix: define(["string", "string"], ([start, text]) =>
    text.startsWith(start) ? text.slice(start.length) : text,
  ),
  nospace: defineScan(16, withoutSpace),
  initials: defineScan(16, initials),
  swapcase: defineScan(16, swapCase),
  contains: define(["string", "string"], ([part, text]) => text.includes(part)),
  hasPrefix: define(["string", "string"], ([start, text]) => text.startsWith(start)),
  hasSuffix: define(["string", "string"], ([end, text]) => text.endsWith(end)),
  quote: defineVariadic([], "interface {}", (_, args, { budget }) =>
    args
      .filter((arg) => arg !== null)
      .map((arg) => quoted(arg, budget))
      .join(" "),
  ),
  squote: defineVariadic([], "interface {}", (_, args, { budget }) =>
    args
      .filter((arg) => arg !== null)
      .map((arg) => `'${formatValue(arg, budget)}'`)
      .join(" "),
  ),
  cat: defineVariadic([], "interface {}", (_, args, { budget }) =>
    args
      .filter((arg) => arg !== null)
      .map((arg) => formatValue(arg, budget))
      .join(" "),
  ),
  indent: define(["int", "string"], ([count, text], { budget }) => indent(count, text, budget)),
  nindent: define(["int", "string"], ([count, text], { budget }) => `\n${indent(count, text, budget)}`),
  replace: define(["string", "string", "string"], ([from, to, text], { budget }) =>
    replaceAll(text, from, to, budget),
  ),
  plural: define(["string", "string", "int"], ([one, many, count]) => (count === 1 ? one : many)),
  toString: define(["interface {}"], ([value], { budget }) => toText(value, budget)),
};
