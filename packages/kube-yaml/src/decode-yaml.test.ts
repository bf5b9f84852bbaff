import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  letrec,
  oneof,
  property,
  string,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { decodeYaml } from "./decode-yaml.ts";
import { encodeYaml } from "./encode-yaml.ts";
import { YamlError } from "./errors.ts";

function failure(run: () => unknown): YamlError {
  try {
    run();
  } catch (error) {
    if (error instanceof YamlError) return error;
    throw error;
  }
  throw new Error("did not fail");
}

test("an error tells its code, source, line and column", () => {
  const error = failure(() => decodeYaml("a: 1\nb: c: d\n", { source: "pkg/manifest.yaml" }));
  expect(error).toMatchObject({ code: "syntax", source: "pkg/manifest.yaml", line: 2, column: 5 });
  expect(error.message).toBe(
    "error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
  );
});

test("integers keep all digits", () => {
  expect(decodeYaml("a: 9223372036854775807\nb: 18446744073709551615\nc: 9007199254740991\n")).toEqual({
    a: 9223372036854775807n,
    b: 18446744073709551615n,
    c: 9007199254740991,
  });
});

test("a key named __proto__ is only a key", () => {
  const value = decodeYaml("__proto__: {polluted: true}\n") as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(["__proto__"]);
});

test("a merge written after a key wins over it, as in go-yaml v2", () => {
  expect(decodeYaml("b: &b {x: 1}\na:\n  x: 2\n  <<: *b\nc:\n  <<: *b\n  x: 2\n")).toEqual({
    b: { x: 1 },
    a: { x: 1 },
    c: { x: 2 },
  });
});

test.each([
  ['? ["\u00a0", "\\e"]\n:\n', String.raw`invalid map key: []interface {}{"\u00a0", "\x1b"}`],
  ["? {a: 1, a: 2}\n:\n", 'invalid map key: map[interface {}]interface {}{"a":2}'],
  ["? {<<: [{a: 1}, {a: 2}], b: 3}\n:\n", 'invalid map key: map[interface {}]interface {}{"a":1, "b":3}'],
  ["%TAG !e! x\n%TAG !e! y\n---\na\n", "line 1: found duplicate %TAG directive"],
  ["%YAML 1.111\n---\n", "found extremely long version number"],
  ["a: 1\nb: !e!x '\n...\n", "line 3: found unexpected document indicator"],
  ["!!float 9223372036854775808", "cannot decode !!int `9223372036854775808` as a !!float"],
])("%j is refused as in Go", (text, problem) => {
  expect(failure(() => decodeYaml(text)).message).toBe(`error converting YAML to JSON: yaml: ${problem}`);
});

test("a key that cannot be a string does no harm in a value that another replaced", () => {
  expect(decodeYaml("a:\n  ~: 1\na: 2\n")).toEqual({ a: 2 });
  expect(failure(() => decodeYaml("a:\n  ~: 1\n")).code).toBe("key");
  expect(decodeYaml("!!float 9223372036854775807")).toBe(2 ** 63);
});

test("equal keys can be refused", () => {
  expect(failure(() => decodeYaml("a: 1\nb: 2\na: 3\n", { uniqueKeys: true })).message).toBe(
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 3: key "a" already set in map',
  );
  expect(decodeYaml("a: {k: 1}\nb: {k: 1}\n", { uniqueKeys: true })).toEqual({ a: { k: 1 }, b: { k: 1 } });
});

test("bytes may be UTF-8 or UTF-16 with a byte order mark", () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("a: é\n", "utf16le")]);
  expect(decodeYaml(bytes)).toEqual({ a: "é" });
  expect(decodeYaml(Buffer.from("\ufeffa: é\n"))).toEqual({ a: "é" });
});

describe("quirks of the Go library that packages can meet", () => {
  test.each([
    ["{}n: v", {}],
    ["a: .5_0", { a: 0.5 }],
    ['! "<<": {a: 1}', { a: 1 }],
    ["a: 0b-1", { a: -1 }],
    ["1e400: v", { "1e400": "v" }],
    ["1e39: v", { ".inf": "v" }],
    ["a: .inf\na: 1", { a: 1 }],
    ["--- a\n--- b", "a"],
  ])("%j", (text, value) => {
    expect(decodeYaml(text)).toEqual(value);
  });

  test.each([
    ["...\na: 1", "yaml: did not find expected node content"],
    ["- []: x\n", "yaml: did not find expected '-' indicator"],
    ["a: !!int 2020-01-01", "yaml: cannot decode !!str `2020-01-01` as a !!int"],
    ["? {a: [*x]}\n: v", "yaml: unknown anchor 'x' referenced"],
    ["a: [.nan, .inf]", "json: unsupported value: NaN"],
    ["a: 1\n[", "yaml: line 3: could not find expected ':'"],
  ])("%j fails", (text, message) => {
    expect(failure(() => decodeYaml(text)).message).toBe(`error converting YAML to JSON: ${message}`);
  });
});

describe("limits", () => {
  const layers = "bcdefghij".split("");
  const bomb = `a: &a [${"x,".repeat(9)}]\n${layers
    .map((name, index) => `${name}: &${name} [${`*${["a", ...layers][index]},`.repeat(9)}]\n`)
    .join("")}`;

  test.each([
    ["aliases that multiply", bomb, {}],
    ["deep brackets", "[".repeat(100_000), {}],
    ["deep blocks", "- ".repeat(100_000), {}],
    ["more nodes than allowed", "[a, b, c]", { maxNodes: 3 }],
    ["a text longer than allowed", "aaaaaaaaaaa", { maxSize: 10 }],
  ])("refuses %s", (_name, text, options) => {
    expect(failure(() => decodeYaml(text, options)).code).toBe("limit");
  });

  test("a large plain text is read in one pass", () => {
    const text = `a: ${"b ".repeat(500_000)}`;
    expect(decodeYaml(text)).toEqual({ a: text.slice(3).trim() });
  });
});

test("what encodeYaml writes reads back the same, here and in a YAML 1.2 reader", () => {
  const text = string({ unit: constantFrom(...Array.from("ab1-:#?,[]{}&*!|>'\"%@`~ \n\t0.ynN_é\\")) });
  const value = letrec((tie) => ({
    tree: oneof({ maxDepth: 4 }, text, integer(), boolean(), constant(null), tie("list"), tie("map")),
    list: array(tie("tree"), { maxLength: 4 }),
    map: dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  })).tree;
  assert(
    property(value, (tree) => {
      const yaml = encodeYaml(tree);
      expect(decodeYaml(yaml)).toEqual(tree);
      expect(parse(yaml, { logLevel: "silent" })).toEqual(tree);
    }),
    { numRuns: 500 },
  );
});
