import { expect, test } from "vitest";
import { decodeYaml } from "./decode-yaml.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");

test.each<[string, Uint8Array, string]>([
  ["the first of two defects", bytes("a: \u0001", [0xff]), "control characters are not allowed"],
  ["a defect before the syntax of its piece", bytes("a: b: c\n", [0xff]), "invalid leading UTF-8 octet"],
  [
    "syntax in the piece before a defect",
    bytes("a: b: c\n", "#".repeat(600), "\n", [0xff]),
    "mapping values are not allowed in this context",
  ],
  [
    "syntax before missing bytes",
    bytes("a: b: c\nlong\n", [0xe2, 0x82]),
    "mapping values are not allowed in this context",
  ],
  ["missing bytes", bytes("a: ", [0xe2, 0x82]), "incomplete UTF-8 octet sequence"],
  [
    "half a UTF-16 unit",
    Buffer.concat([utf16("a: 1\n"), Buffer.from([0x20])]),
    "incomplete UTF-16 character",
  ],
  ["half a pair", utf16("a: \ud83d"), "incomplete UTF-16 surrogate pair"],
  ["a broken pair", utf16("a: \ud83d!"), "expected low surrogate area"],
  ["the wrong half of a pair", utf16("a: \ude00"), "unexpected low surrogate area"],
])("%s", (_, input, problem) => {
  expect(() => decodeYaml(input)).toThrow(`error converting YAML to JSON: yaml: ${problem}`);
});

test("a defect tells its place", () => {
  expect(() => decodeYaml(bytes("a: 1\nb: ", [0xff]), { source: "values.yaml" })).toThrow(
    expect.objectContaining({ code: "syntax", source: "values.yaml", line: 2, column: 4 }) as Error,
  );
});

test("defects behind the first document are not looked for", () => {
  expect(decodeYaml(bytes("a: 1\n---\nb: 2\n", "#".repeat(600), [0xff]))).toEqual({ a: 1 });
});
