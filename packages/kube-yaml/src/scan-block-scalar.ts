import { type Cursor, endOfText, isBlankCode, isBreakCode, type Mark } from "./cursor.ts";
import type { ScannedScalar } from "./scan-scalar.ts";
import { TextBuilder } from "./text-builder.ts";

/** Scans a literal (`|`) or folded (`>`) scalar, the cursor at its indicator; `parent` is the parent's column. */
export function scanBlockScalar(cursor: Cursor, parent: number): ScannedScalar {
  const start = cursor.mark();
  const literal = cursor.code() === 0x7c;
  cursor.offset++;
  const header = scanHeader(cursor, start);
  let indent = header.increment === 0 ? 0 : Math.max(parent, 0) + header.increment;
  const text = new TextBuilder();
  let leadingBreak = "";
  const first = scanBreaks(cursor, { indent, parent, start });
  indent = first.indent;
  let trailing = first.breaks;
  let end = first.end;
  let leadingBlank = false;
  while (cursor.column === indent && cursor.code() !== endOfText) {
    const trailingBlank = isBlankCode(cursor.code());
    if (!literal && leadingBreak.startsWith("\n") && !leadingBlank && !trailingBlank) {
      if (trailing === "") text.add(" ");
    } else {
      text.add(leadingBreak);
    }
    if (trailing !== "") text.add(trailing);
    leadingBlank = isBlankCode(cursor.code());
    const from = cursor.offset;
    while (cursor.code() !== endOfText && !isBreakCode(cursor.code())) cursor.offset++;
    text.add(cursor.text.slice(from, cursor.offset));
    end = cursor.offset;
    if (cursor.code() === endOfText) {
      leadingBreak = "";
      trailing = "";
      break;
    }
    leadingBreak = cursor.readBreak();
    end = cursor.offset;
    const next = scanBreaks(cursor, { indent, parent, start });
    trailing = next.breaks;
  }
  if (header.chomping !== "strip") text.add(leadingBreak);
  if (header.chomping === "keep") text.add(trailing);
  return { value: text.finish(), end, multiline: false };
}

interface BlockHeader {
  readonly chomping: "strip" | "clip" | "keep";
  /** Indentation indicator, 0 when the first line decides. */
  readonly increment: number;
}

/** The indicators behind `|` or `>`, in either order, a comment, and the line break. */
function scanHeader(cursor: Cursor, start: Mark): BlockHeader {
  let chomping: BlockHeader["chomping"] = "clip";
  let increment = 0;
  for (let pass = 0; pass < 2; pass++) {
    const code = cursor.code();
    if ((code === 0x2b || code === 0x2d) && chomping === "clip") {
      chomping = code === 0x2b ? "keep" : "strip";
      cursor.offset++;
    } else if (code >= 0x30 && code <= 0x39 && increment === 0) {
      if (code === 0x30) throw cursor.fail("found an indentation indicator equal to 0", start);
      increment = code - 0x30;
      cursor.offset++;
    }
  }
  while (isBlankCode(cursor.code())) cursor.offset++;
  if (cursor.code() === 0x23) {
    while (cursor.code() !== endOfText && !isBreakCode(cursor.code())) cursor.offset++;
  }
  if (isBreakCode(cursor.code())) cursor.readBreak();
  else if (cursor.code() !== endOfText)
    throw cursor.fail("did not find expected comment or line break", start);
  return { chomping, increment };
}

/** Passes empty lines and indentation; finds out the indentation while `indent` is 0. */
function scanBreaks(
  cursor: Cursor,
  state: { readonly indent: number; readonly parent: number; readonly start: Mark },
): { readonly breaks: string; readonly indent: number; readonly end: number } {
  const { indent, parent, start } = state;
  let deepest = 0;
  const breaks = new TextBuilder();
  let end = cursor.offset;
  for (;;) {
    // oxlint-disable-next-line no-unmodified-loop-condition -- the column moves with the offset
    while ((indent === 0 || cursor.column < indent) && cursor.code() === 0x20) cursor.offset++;
    deepest = Math.max(deepest, cursor.column);
    if ((indent === 0 || cursor.column < indent) && cursor.code() === 0x09) {
      throw cursor.fail("found a tab character where an indentation space is expected", start);
    }
    if (!isBreakCode(cursor.code())) break;
    breaks.add(cursor.readBreak());
    end = cursor.offset;
  }
  return { breaks: breaks.finish(), indent: indent === 0 ? Math.max(deepest, parent + 1, 1) : indent, end };
}
