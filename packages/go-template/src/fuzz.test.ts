import fc from "fast-check";
import { expect, test } from "vitest";
import { packageFunctions, Template, type TemplateData, TemplateError } from "./index.ts";

/** `npm run fuzz` goes on for a time instead. */
const numRuns = fc.readConfigureGlobal().numRuns ?? 3000;

const functions = packageFunctions();

const piece = fc.oneof(
  fc.constantFrom(
    "{{",
    "}}",
    "{{- ",
    " -}}",
    "|",
    "(",
    ")",
    " ",
    ".",
    "$",
    "$x",
    ":=",
    "=",
    ",",
    '"',
    "`",
    "'",
    "\n",
  ),
  fc.constantFrom(
    "if",
    "else",
    "end",
    "range",
    "with",
    "define",
    "template",
    "block",
    "break",
    "nil",
    "true",
    "1",
    "/*",
  ),
  fc.constantFrom(...Object.keys(functions), "eq", "index", "printf", "len"),
  fc.constantFrom(".a", ".b.c", '"%v %d"', '"a"', "-1", "0x1p4", "1i", "'x'", "*/", "é", "\ud800"),
);
const soup = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
const action = fc.array(piece, { maxLength: 8 }).map((pieces) => `{{${pieces.join(" ")}}}`);
const data: TemplateData = { a: [1, "x", null], b: { c: { d: "e" } } };

/** Parses and executes; anything but a TemplateError is a fault. */
function run(text: string): void {
  try {
    new Template({ functions, missingKey: "error" }).parse("t", text).execute("t", data);
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
  }
}

test("no text brings the parser or a function down", () => {
  fc.assert(fc.property(fc.oneof(soup, action, fc.string()), run), { numRuns });
});

test("text without actions comes out as it is", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      fc.pre(!Buffer.from(bytes).includes("{{"));
      expect(new Template().parse("t", bytes).executeBytes("t", null)).toEqual(Buffer.from(bytes));
    }),
  );
});

test("JSON comes back from JSON", () => {
  const set = new Template({ functions }).parse("t", "{{toJson . | fromJson | toJson}}");
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(set.execute("t", value))).toEqual(value);
    }),
  );
});
