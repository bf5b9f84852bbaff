import { type Cursor, endOfText, isBlankCode, isBlankOrEnd, isBreakCode, type Mark } from "./cursor.ts";

/** Scans the name behind `&` or `*`, the cursor at the indicator. */
export function scanAnchorName(cursor: Cursor): string {
  const start = cursor.mark();
  cursor.offset++;
  const name = scanWord(cursor);
  const next = String.fromCharCode(cursor.code());
  if (name === "" || !(isBlankOrEnd(cursor.code()) || "?:,]}%@`".includes(next))) {
    throw cursor.fail("did not find expected alphabetic or numeric character", start);
  }
  return name;
}

/** Scans `!suffix`, `!handle!suffix` or `!<uri>`, the cursor at the exclamation mark. */
export function scanTag(cursor: Cursor): { handle: string; suffix: string } {
  const start = cursor.mark();
  const tag = cursor.code(1) === 0x3c ? scanVerbatimTag(cursor, start) : scanShortTag(cursor, start);
  if (!isBlankOrEnd(cursor.code()))
    throw cursor.fail("did not find expected whitespace or line break", start);
  return tag;
}

function scanVerbatimTag(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  cursor.offset += 2;
  const suffix = scanUri(cursor, "", start);
  if (cursor.code() !== 0x3e) throw cursor.fail("did not find the expected '>'", start);
  cursor.offset++;
  return { handle: "", suffix };
}

function scanShortTag(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  const handle = scanHandle(cursor);
  if (handle.length > 1 && handle.endsWith("!")) return { handle, suffix: scanUri(cursor, "", start) };
  const suffix = scanUri(cursor, handle, start);
  return suffix === "" ? { handle: "", suffix: "!" } : { handle: "!", suffix };
}

/** Scans a `%YAML` or `%TAG` line, the cursor at the percent sign. */
export function scanDirective(
  cursor: Cursor,
):
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "tag"; handle: string; prefix: string } {
  const start = cursor.mark();
  cursor.offset++;
  const name = scanWord(cursor);
  if (name === "") throw cursor.fail("could not find expected directive name", start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.fail("found unexpected non-alphabetical character", start);
  if (name !== "YAML" && name !== "TAG") throw cursor.fail("found unknown directive name", start);
  skipBlanks(cursor);
  const directive =
    name === "YAML"
      ? ({ kind: "version", version: scanVersion(cursor, start) } as const)
      : ({ kind: "tag", ...scanTagDirective(cursor, start) } as const);
  skipBlanks(cursor);
  if (cursor.code() === 0x23) {
    while (cursor.code() !== endOfText && !isBreakCode(cursor.code())) cursor.offset++;
  }
  if (isBreakCode(cursor.code())) cursor.readBreak();
  else if (cursor.code() !== endOfText)
    throw cursor.fail("did not find expected comment or line break", start);
  return directive;
}

function scanVersion(cursor: Cursor, start: Mark): string {
  const major = scanNumber(cursor, start);
  if (cursor.code() !== 0x2e) throw cursor.fail("did not find expected digit or '.' character", start);
  cursor.offset++;
  return `${major}.${scanNumber(cursor, start)}`;
}

function scanNumber(cursor: Cursor, start: Mark): number {
  const digits = /^\d+/.exec(cursor.text.slice(cursor.offset, cursor.offset + 12))?.[0] ?? "";
  if (digits.length > 2) throw cursor.fail("found extremely long version number", start);
  if (digits === "") throw cursor.fail("did not find expected version number", start);
  cursor.offset += digits.length;
  return Number(digits);
}

function scanTagDirective(cursor: Cursor, start: Mark): { handle: string; prefix: string } {
  if (cursor.code() !== 0x21) throw cursor.fail("did not find expected '!'", start);
  const handle = scanHandle(cursor);
  if (handle !== "!" && !handle.endsWith("!")) throw cursor.fail("did not find expected '!'", start);
  if (!isBlankCode(cursor.code())) throw cursor.fail("did not find expected whitespace", start);
  skipBlanks(cursor);
  const prefix = scanUri(cursor, "", start);
  if (!isBlankOrEnd(cursor.code()))
    throw cursor.fail("did not find expected whitespace or line break", start);
  return { handle, prefix };
}

function scanHandle(cursor: Cursor): string {
  cursor.offset++;
  const word = scanWord(cursor);
  if (cursor.code() !== 0x21) return `!${word}`;
  cursor.offset++;
  return `!${word}!`;
}

function scanWord(cursor: Cursor): string {
  const from = cursor.offset;
  while (isWordCode(cursor.code())) cursor.offset++;
  return cursor.text.slice(from, cursor.offset);
}

function isWordCode(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === 0x2d
  );
}

/** `head` is a handle already read that turned out to be the start of the tag itself. */
function scanUri(cursor: Cursor, head: string, start: Mark): string {
  const pattern = /(?:[-0-9A-Za-z_;/?:@&=+$,.!~*'()[\]]|%[0-9a-fA-F]{2})*/y;
  pattern.lastIndex = cursor.offset;
  const text = pattern.exec(cursor.text)?.[0] ?? "";
  cursor.offset += text.length;
  if (cursor.code() === 0x25) throw cursor.fail("did not find URI escaped octet", start);
  if (head === "" && text === "") throw cursor.fail("did not find expected tag URI", start);
  try {
    return head.slice(1) + decodeURIComponent(text);
  } catch {
    throw cursor.fail("found an incorrect leading UTF-8 octet", start);
  }
}

function skipBlanks(cursor: Cursor): void {
  while (isBlankCode(cursor.code())) cursor.offset++;
}
