import { formatValue, sprint, sprintln } from "../../format/print.ts";
import { sprintf } from "../../format/printf.ts";
import type { Budget } from "../../limits.ts";
import { type ByteString, replaceRunes } from "../../text/byte-string.ts";
import { isPrint } from "../../text/unicode.ts";
import type { Value } from "../../value/value.ts";
import { defineVariadic, type FunctionMap } from "../function.ts";
import { queryEscape } from "../url-escape.ts";

/** Text of the arguments of an escaper; a nil argument is `<no value>`, unlike in `print`. */
function shown(args: readonly Value[], budget: Budget): ByteString {
  if (args.length === 1) return args[0] === null ? "<no value>" : formatValue(args[0] ?? null, budget);
  return sprint(
    args.map((arg) => (arg === null ? "<no value>" : arg)),
    budget,
  );
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "\0": "\xef\xbf\xbd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

function hex(rune: number): string {
  return `\\u${rune.toString(16).toUpperCase().padStart(4, "0")}`;
}

const special = /[\x80-\xff]+|[^ !#-%(-;?-[\]-\x7f]/g;

function jsEscape(text: ByteString): ByteString {
  return replaceRunes(text, special, (rune, bytes) => {
    if (`\\'"`.includes(bytes)) return `\\${bytes}`;
    return rune >= 0x80 && isPrint(rune) ? bytes : hex(rune);
  });
}

/** `print printf println html js urlquery`. */
export const printers: FunctionMap = {
  print: defineVariadic([], "interface {}", (_, args, { budget }) => sprint(args, budget)),
  println: defineVariadic([], "interface {}", (_, args, { budget }) => sprintln(args, budget)),
  printf: defineVariadic(["string"], "interface {}", ([format], args, { budget }) =>
    sprintf(format, args, budget),
  ),
  html: defineVariadic([], "interface {}", (_, args, { budget }) => {
    const text = shown(args, budget);
    budget.reserve(text.length);
    return text.replaceAll(/[\0"'&<>]/g, (character) => htmlEscapes[character] ?? character);
  }),
  js: defineVariadic([], "interface {}", (_, args, { budget }) => {
    const text = shown(args, budget);
    budget.reserve(text.length);
    return jsEscape(text);
  }),
  urlquery: defineVariadic([], "interface {}", (_, args, { budget }) => {
    const text = shown(args, budget);
    budget.reserve(text.length);
    return queryEscape(text);
  }),
};
