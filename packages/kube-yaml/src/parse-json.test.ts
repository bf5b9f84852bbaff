import { type Arbitrary, assert, bigInt, jsonValue, property } from "fast-check";
import { expect, test } from "vitest";
import { encodeJson } from "./encode-json.ts";
import { YamlError } from "./errors.ts";
import type { JsonValue } from "./json-value.ts";
import { parseJson } from "./parse-json.ts";

test("large integers keep their digits, other numbers are doubles", () => {
  const text = '{"a":9223372036854775807,"b":-18446744073709551616,"c":1.5,"d":1234567890123456.5,"e":1e3}';
  expect(parseJson(text)).toEqual({
    a: 9223372036854775807n,
    b: -18446744073709551616n,
    c: 1.5,
    d: 1234567890123456.5,
    e: 1000,
  });
});

test.each([
  ["", "unexpected end of JSON input"],
  ["{", "unexpected end of JSON input"],
  ["{a", "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 2}', "invalid character '2' after object key:value pair"],
  ["[1 2]", "invalid character '2' after array element"],
  ["1 2", "invalid character '2' after top-level value"],
  ["nul!", "invalid character '!' in literal null (expecting 'l')"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["1ex", "invalid character 'x' in exponent of numeric literal"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['"\\u12x"', "invalid character 'x' in \\u hexadecimal character escape"],
  ["'", "invalid character '\\'' looking for beginning of value"],
])("%j fails as in Go", (text, message) => {
  expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "json", message }));
});

test("an unpaired surrogate becomes the replacement character", () => {
  expect(parseJson('"\\ud800x"')).toBe("\ufffdx");
  expect(parseJson('"\\ud83d\\ude00"')).toBe("😀");
});

test("deep values are refused, not fatal", () => {
  expect(() => parseJson(`${"[".repeat(50_000)}1234567890123456${"]".repeat(50_000)}`)).toThrow(YamlError);
});

test("a half-written string is refused at once, however long it is", () => {
  const text = `{"a": "${"half a text ".repeat(10_000)}`;
  expect(() => parseJson(text)).toThrow("unexpected end of JSON input");
  expect(() => parseJson(`${text}\\`)).toThrow("unexpected end of JSON input");
  expect(() => parseJson(`${text}\n"}`)).toThrow("invalid character '\\n' in string literal");
});

test("writing and reading JSON are inverse", () => {
  const json = jsonValue() as Arbitrary<JsonValue>;
  assert(
    property(json, bigInt(2n ** 60n, 2n ** 64n), (value, large) => {
      const both = { large, value };
      expect(encodeJson(parseJson(encodeJson(both)))).toBe(encodeJson(both));
      expect(encodeJson(parseJson(encodeJson(both, { indent: "  " })))).toBe(encodeJson(both));
    }),
  );
});

test("encodeJson sorts by bytes, escapes as Go does and refuses what JSON cannot hold", () => {
  expect(encodeJson({ "\u{1f600}": 1, "\uffff": "<&>\u2028\b\u0001", a: undefined, b: -0 })).toBe(
    '{"b":-0,"\uffff":"\\u003c\\u0026\\u003e\\u2028\\b\\u0001","\u{1f600}":1}',
  );
  expect(() => encodeJson({ a: Number.NaN })).toThrow("json: unsupported value: NaN");
  expect(() => encodeJson([() => 1])).toThrow("json: unsupported type: function");
});
