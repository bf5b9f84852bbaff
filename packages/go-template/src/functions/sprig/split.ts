import type { Budget } from "../../limits.ts";
import { type ByteString, decodeRune } from "../../text/byte-string.ts";
import { stringList, stringMap } from "../../value/value.ts";
import { define, type FunctionMap } from "../function.ts";

/** At most `limit` characters, the last piece taking the rest. */
function explode(text: ByteString, limit: number): ByteString[] {
  const pieces: ByteString[] = [];
  let at = 0;
  const most = limit < 0 ? Infinity : limit - 1;
  while (at < text.length && pieces.length < most) {
    const { size } = decodeRune(text, at);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return at < text.length ? [...pieces, text.slice(at)] : pieces;
}

/** `strings.SplitN`: a negative limit means all pieces, zero none. */
function splitText(text: ByteString, separator: ByteString, limit: number, budget: Budget): ByteString[] {
  budget.spend(text.length);
  if (limit === 0) return [];
  const pieces = separator === "" ? explode(text, limit) : text.split(separator);
  budget.spend(32 * pieces.length);
  if (separator === "" || limit < 0 || pieces.length <= limit) return pieces;
  return [...pieces.slice(0, limit - 1), pieces.slice(limit - 1).join(separator)];
}

function numbered(pieces: readonly ByteString[]): Map<ByteString, ByteString> {
  return new Map(pieces.map((piece, i) => [`_${i}`, piece]));
}

/** Splitting by a separator. */
export const splitting: FunctionMap = {
  split: define(["string", "string"], ([separator, text], { budget }) =>
    stringMap(numbered(splitText(text, separator, -1, budget))),
  ),
  splitn: define(["string", "int", "string"], ([separator, limit, text], { budget }) =>
    stringMap(numbered(splitText(text, separator, limit, budget))),
  ),
  splitList: define(["string", "string"], ([separator, text], { budget }) =>
    stringList(splitText(text, separator, -1, budget)),
  ),
};
