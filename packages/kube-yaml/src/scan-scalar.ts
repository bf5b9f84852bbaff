import { type Cursor, endOfText, isBlankCode, isBlankOrEnd, isBreakCode, type Mark } from "./cursor.ts";
import { TextBuilder } from "./text-builder.ts";

/** Text of a scalar and the offset behind it. */
export interface ScannedScalar {
  readonly value: string;
  readonly end: number;
  /** A plain scalar ran over a line break, so that a key may start behind it. */
  readonly multiline: boolean;
}

/** True at `---` or `...` at the start of a line with blank space behind. */
export function atDocumentMarker(cursor: Cursor): boolean {
  // libyaml looks so far ahead whatever it finds, and meets what is wrong there.
  const behind = cursor.code(3);
  if (cursor.column !== 0) return false;
  return (cursor.startsWith("---") || cursor.startsWith("...")) && isBlankOrEnd(behind);
}

/** Joins the lines of a scalar: one break folds to a space, of more all but the first stay. */
class Folding {
  readonly #text = new TextBuilder();
  #firstBreak = "";
  #breaks = "";
  #feeds = 0;

  get onNewLine(): boolean {
    return this.#firstBreak !== "";
  }

  /** Adds text, after the breaks that came before it. */
  add(text: string): void {
    if (text === "") return;
    this.join();
    this.#text.add(text);
  }

  addBreak(character: string): void {
    if (!this.onNewLine) {
      this.#firstBreak = character;
    } else if (character === "\n") {
      this.#feeds++;
    } else {
      this.#breaks += "\n".repeat(this.#feeds) + character;
      this.#feeds = 0;
    }
  }

  /** A break escaped by a backslash: it vanishes, the breaks after it stay. */
  addEscapedBreak(): void {
    this.#firstBreak = "escaped";
  }

  /** Writes the breaks met so far. */
  join(): void {
    if (!this.onNewLine) return;
    const breaks = this.#breaks + "\n".repeat(this.#feeds);
    if (this.#firstBreak === "escaped") this.#text.add(breaks);
    else if (this.#firstBreak !== "\n") this.#text.add(this.#firstBreak + breaks);
    else this.#text.add(breaks === "" ? " " : breaks);
    this.#firstBreak = "";
    this.#breaks = "";
    this.#feeds = 0;
  }

  finish(): string {
    return this.#text.finish();
  }
}

/** Scans a scalar without quotes; `indent` is the least column of its further lines. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): ScannedScalar {
  const start = cursor.mark();
  const folding = new Folding();
  let end = cursor.offset;
  for (;;) {
    if (atDocumentMarker(cursor) || cursor.code() === 0x23) break;
    const from = cursor.offset;
    const lineEnd = passPlainLine(cursor, inFlow);
    if (lineEnd > from) {
      folding.add(cursor.text.slice(from, lineEnd));
      end = lineEnd;
    }
    if (!isBreakCode(cursor.code())) break;
    while (isBlankCode(cursor.code()) || isBreakCode(cursor.code())) {
      if (isBreakCode(cursor.code())) {
        folding.addBreak(cursor.readBreak());
        continue;
      }
      if (cursor.column < indent && cursor.code() === 0x09) {
        throw cursor.fail("found a tab character that violates indentation", start);
      }
      cursor.offset++;
    }
    if (!inFlow && cursor.column < indent) break;
  }
  return { value: folding.finish(), end, multiline: folding.onNewLine };
}

/** Passes the rest of a line up to what ends the scalar; blanks inside belong to it, those at the end do not. */
function passPlainLine(cursor: Cursor, inFlow: boolean): number {
  let textEnd = cursor.offset;
  for (;;) {
    const from = cursor.offset;
    while (!isBlankOrEnd(cursor.code()) && !endsPlain(cursor, inFlow)) cursor.offset++;
    if (cursor.offset > from) textEnd = cursor.offset;
    if (!isBlankCode(cursor.code())) return textEnd;
    while (isBlankCode(cursor.code())) cursor.offset++;
    if (cursor.code() === 0x23 || isBreakCode(cursor.code()) || endsPlain(cursor, inFlow)) return textEnd;
  }
}

/** A colon before blank space; in flow context also `,`, `?` and brackets. */
function endsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const code = cursor.code();
  if (code === 0x3a) return isBlankOrEnd(cursor.code(1));
  if (!inFlow) return false;
  return code === 0x2c || code === 0x3f || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}

/** Scans a quoted scalar, the cursor at its opening quote. */
export function scanQuoted(cursor: Cursor, single: boolean): ScannedScalar {
  const start = cursor.mark();
  const quote = single ? 0x27 : 0x22;
  const folding = new Folding();
  cursor.offset++;
  for (;;) {
    if (atDocumentMarker(cursor)) throw cursor.fail("found unexpected document indicator", start);
    if (cursor.code() === endOfText) throw cursor.fail("found unexpected end of stream", start);
    passQuotedLine(cursor, { single, folding, start });
    if (cursor.code() === quote) break;
    while (isBlankCode(cursor.code()) || isBreakCode(cursor.code())) {
      if (isBreakCode(cursor.code())) folding.addBreak(cursor.readBreak());
      else cursor.offset++;
    }
    folding.join();
  }
  cursor.offset++;
  return { value: folding.finish(), end: cursor.offset, multiline: false };
}

interface QuotedState {
  readonly single: boolean;
  readonly folding: Folding;
  readonly start: Mark;
}

/** Passes a line up to its break, less the blanks before it, or up to the closing quote or the end. */
function passQuotedLine(cursor: Cursor, { single, folding, start }: QuotedState): void {
  let from = cursor.offset;
  for (;;) {
    const code = cursor.code();
    if (code === (single ? 0x27 : 0x22)) {
      folding.add(cursor.text.slice(from, cursor.offset));
      if (!single || cursor.code(1) !== 0x27) return;
      folding.add("'");
      cursor.offset += 2;
      from = cursor.offset;
    } else if (!single && code === 0x5c) {
      folding.add(cursor.text.slice(from, cursor.offset));
      if (isBreakCode(cursor.code(1))) {
        cursor.offset++;
        cursor.readBreak();
        folding.addEscapedBreak();
        return;
      }
      folding.add(scanEscape(cursor, start));
      from = cursor.offset;
    } else if (code === endOfText || isBreakCode(code)) {
      folding.add(withoutTrailingBlanks(cursor.text, from, cursor.offset));
      return;
    } else {
      cursor.offset++;
    }
  }
}

function withoutTrailingBlanks(text: string, from: number, to: number): string {
  let end = to;
  while (end > from && isBlankCode(text.charCodeAt(end - 1))) end--;
  return text.slice(from, end);
}

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "'": "'",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};

const escapeWidths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function scanEscape(cursor: Cursor, start: Mark): string {
  const letter = cursor.text[cursor.offset + 1] ?? "";
  const known = escapes[letter];
  if (known !== undefined) {
    cursor.offset += 2;
    return known;
  }
  const width = escapeWidths[letter];
  if (width === undefined) throw cursor.fail("found unknown escape character", start);
  cursor.offset += 2;
  const digits = cursor.text.slice(cursor.offset, cursor.offset + width);
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < width) {
    throw cursor.fail("did not find expected hexdecimal number", start);
  }
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw cursor.fail("found invalid Unicode character escape code", start);
  }
  cursor.offset += width;
  return String.fromCodePoint(code);
}
