import type { Budget } from "../../limits.ts";
import { TemplateError } from "../../errors.ts";
import { type ByteString, decodeText } from "../../text/byte-string.ts";
import { canBackquote, quote } from "../../text/quote.ts";
import { type GoList, nilList, stringList } from "../../value/value.ts";
import { define, type FunctionMap, type TemplateFunction } from "../function.ts";
import {
  compilePattern,
  expand,
  findAll,
  type Pattern,
  quoteMeta,
  replaceMatches,
} from "../regex/pattern.ts";

/** Compiles for the functions without `must`, which panic in the words of `regexp.MustCompile`. */
function mustCompile(pattern: ByteString): Pattern {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    const shown = decodeText(canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern));
    throw new Error(`regexp: Compile(${shown}): ${(error as Error).message}`, { cause: error });
  }
}

function matches(pattern: Pattern, text: ByteString, budget: Budget): boolean {
  return findAll(pattern, text, 1, budget).length > 0;
}

function find(pattern: Pattern, text: ByteString, budget: Budget): ByteString {
  const [match] = findAll(pattern, text, 1, budget);
  return match === undefined ? "" : text.slice(match[0], match[1]);
}

function findTexts(pattern: Pattern, text: ByteString, limit: number, budget: Budget): GoList {
  const found = findAll(pattern, text, limit, budget);
  if (found.length === 0) return nilList("string");
  return stringList(found.map(([start, end]) => text.slice(start, end)));
}

function split(
  source: ByteString,
  pattern: Pattern,
  text: ByteString,
  limit: number,
  budget: Budget,
): GoList {
  if (limit === 0) return nilList("string");
  if (source !== "" && text === "") return stringList([""]);
  const pieces: ByteString[] = [];
  let from = 0;
  let end = 0;
  for (const [start = 0, matchEnd = 0] of findAll(pattern, text, limit, budget)) {
    if (limit > 0 && pieces.length === limit - 1) break;
    end = start;
    if (matchEnd !== 0) pieces.push(text.slice(from, end));
    from = matchEnd;
  }
  if (end !== text.length) pieces.push(text.slice(from));
  return stringList(pieces);
}

type Compile = (pattern: ByteString) => Pattern;

const withLimit = ["string", "string", "int"] as const;
const withText = ["string", "string"] as const;
const withReplacement = ["string", "string", "string"] as const;

function replacer(compile: Compile, literal: boolean): TemplateFunction {
  return define(withReplacement, ([source, text, replacement], { budget }) => {
    const pattern = compile(source);
    const fill = literal
      ? () => replacement
      : (match: readonly number[]) => expand(pattern, replacement, text, match);
    return replaceMatches(pattern, text, fill, budget);
  });
}

/** The functions under one way of compiling, by the name that follows `regex`. */
function functions(compile: Compile): FunctionMap {
  return {
    Find: define(withText, ([source, text], { budget }) => find(compile(source), text, budget)),
    FindAll: define(withLimit, ([source, text, limit], { budget }) =>
      findTexts(compile(source), text, limit, budget),
    ),
    Split: define(withLimit, ([source, text, limit], { budget }) =>
      split(source, compile(source), text, limit, budget),
    ),
    ReplaceAll: replacer(compile, false),
    ReplaceAllLiteral: replacer(compile, true),
  };
}

function prefixed(prefix: string, map: FunctionMap): FunctionMap {
  return Object.fromEntries(Object.entries(map).map(([name, body]) => [prefix + name, body]));
}

/** Regular expressions of the RE2 syntax, in linear time. */
export const regex: FunctionMap = {
  ...prefixed("regex", functions(mustCompile)),
  ...prefixed("mustRegex", functions(compilePattern)),
  mustRegexMatch: define(withText, ([source, text], { budget }) =>
    matches(compilePattern(source), text, budget),
  ),
  regexMatch: define(withText, ([source, text], { budget }) => {
    try {
      return matches(compilePattern(source), text, budget);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      return false;
    }
  }),
  regexQuoteMeta: define(["string"], ([text]) => quoteMeta(text)),
};
