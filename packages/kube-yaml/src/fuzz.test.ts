import fc, { assert } from "fast-check";
import { expect, test } from "vitest";
import { decodeYaml } from "./decode-yaml.ts";
import { editYaml } from "./edit-yaml.ts";
import { encodeYaml } from "./encode-yaml.ts";
import { YamlError } from "./errors.ts";
import { parseJson } from "./parse-json.ts";
import { splitDocuments } from "./split-documents.ts";

/** `npm run fuzz` goes on for a time instead. */
const numRuns = fc.readConfigureGlobal().numRuns ?? 2000;

const indicator = fc.constantFrom(...Array.from("-?:,[]{}#&*!|>'\"%@`~<=\\"));
const space = fc.constantFrom(
  " ",
  "  ",
  "\n",
  "\n  ",
  "\n    ",
  "\r\n",
  "\r",
  "\t",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\0",
);
const piece = fc.oneof(
  { weight: 4, arbitrary: space },
  { weight: 4, arbitrary: indicator },
  fc.constantFrom(
    ": ",
    "- ",
    "? ",
    "\n- ",
    "\n? ",
    "\n: ",
    "\n---\n",
    "\n...\n",
    "%YAML 1.1\n",
    "%TAG ! x\n",
    "<<: *a",
  ),
  fc.constantFrom(
    "&a ",
    "*a",
    "!!str ",
    "!!binary ",
    "!!float ",
    "!<x> ",
    "|+\n",
    ">-2\n",
    "|1\n",
    "'it''s'",
    '"\\x41\\u00e9"',
  ),
  fc.constantFrom(
    "a",
    "key",
    "é",
    "\ud800",
    "yes",
    "null",
    "0o17",
    "1_0",
    "12:30",
    ".inf",
    "2001-01-01",
    "1e3",
  ),
);
const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
const text = fc.oneof({ weight: 6, arbitrary: soup }, fc.string());
const bytes = fc.oneof(
  text.map((chars) => Buffer.from(chars)),
  fc.uint8Array({ maxLength: 200 }),
  text.map((chars) => Buffer.from(`\ufeff${chars}`, "utf16le")),
);

/** What `read` gives; anything but a YamlError is a fault. */
function attempt<T>(read: () => T): { readonly value: T } | undefined {
  try {
    return { value: read() };
  } catch (error) {
    expect(error).toBeInstanceOf(YamlError);
    return undefined;
  }
}

test("no bytes bring a reader down", () => {
  const readers: readonly ((input: Uint8Array) => unknown)[] = [
    (input) => decodeYaml(input),
    (input) => decodeYaml(input, { uniqueKeys: true }),
    (input) => parseJson(Buffer.from(input).toString()),
    (input) => splitDocuments(Buffer.from(input).toString()),
    (input) => editYaml(Buffer.from(input).toString()).set(["a", 0], 1),
  ];
  assert(
    fc.property(bytes, (input) => {
      for (const read of readers) attempt(() => read(input));
    }),
    { numRuns },
  );
});

test("what can be read is written so that it reads the same", () => {
  assert(
    fc.property(text, (input) => {
      const read = attempt(() => decodeYaml(input));
      if (read === undefined) return;
      const written = encodeYaml(read.value);
      // A key that says to merge is written without quotes, as in Go, and merges when it is read.
      if (!written.includes("<<")) expect(decodeYaml(written)).toEqual(read.value);
    }),
    { numRuns },
  );
});
