import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonPath } from "./json-path.ts";
import { copySourceItems } from "./source-items.ts";
import type { JsonObject } from "./json-value.ts";

const source: JsonObject = {
  list: [
    { name: 'a"b', n: 1, on: false },
    { name: "it's", n: 2, on: true },
    { name: "tab\t", n: 2.5, on: false },
  ],
  deep: { x: { name: 1 }, y: [{ name: 2 }] },
  lists: [[1, 2], [3], [4, 5]],
  text: "é!",
  "a*b": 0.5,
  fractions: [1.5, 2.5],
};

test.each<[string, unknown[]]>([
  [String.raw`.list[?(@.name=="a\"b")].n`, [1]],
  [String.raw`.list[?(@.name=='it\'s')].n`, [2]],
  [String.raw`.list[?(@.name=="tab\t")].n`, [2.5]],
  [".list[?(@.on==true)].n", [2]],
  [".list[::2].n", [1, 2.5]],
  [".deep..name", [1, 2]],
  [".deep.*", [{ name: 1 }, [{ name: 2 }]]],
  [".text.*", [0xc3, 0xa9, 0x21]],
  ["..text", ["é!"]],
  [".lists[*][1:]", [2]],
  [String.raw`.a\*b`, [0.5]],
  [".fractions[?(@>2.0)]", [2.5]],
  [".list[?(@.n[9])].n", [1, 2, 2.5]],
])("%s", (path, expected) => {
  expect(findJsonPath(path, source)).toEqual(expected);
});

test.each<[string, string, string]>([
  [".list[?(@.n<>1)]", "json-path-not-found", "unrecognized filter operator <>"],
  [".list[?(@.on<true)]", "json-path-not-found", "invalid type for comparison"],
  [".list[?(@.n==foo)]", "json-path-not-found", "unrecognized identifier foo"],
  [".list[?(@.n==2.5)]", "json-path-not-found", "incompatible types for comparison"],
  [".list[?(@.nope==foo)]", "json-path-not-found", "nope is not found"],
  [".list[?(@.n==2.0)]", "json-path-not-found", "incompatible types for comparison"],
  [".list[?(@.on<1)]", "json-path-not-found", "incompatible types for comparison"],
  [
    ".deep[?(@.name)]",
    "json-path-not-found",
    "map[x:map[name:1] y:[map[name:2]]] is not array or slice and cannot be filtered",
  ],
  [String.raw`.\*`, "json-path-not-found", "* is not found"],
  [".deep range", "json-path-not-found", "unexpected end of JSON input"],
  [".deep end", "json-path-not-found", "not in range, nothing to end"],
  [".deep\\", "invalid-json-path", "unclosed action"],
  [".deep\t", "invalid-json-path", "unrecognized character in action: U+0009"],
  [".deep½", "json-path-not-found", "deep½ is not found"],
  [".deep ½", "invalid-json-path", "unrecognized character in action: U+00BD '½'"],
  [
    String.raw`.list[?(@.name=='\"')]`,
    "invalid-json-path",
    String.raw`unquote string '\"' error invalid syntax`,
  ],
  [".list[::0]", "json-path-not-found", "step must be > 0"],
  [".a.....b", "invalid-json-path", "invalid multiple recursive descent"],
  [".list[?(@.n=='x]", "invalid-json-path", "unterminated filter"],
])("%s is refused: %s, %s", (path, code, message) => {
  expect(() => findJsonPath(path, source)).toThrow(expect.objectContaining({ code, message }) as Error);
});

test("text of any kind is a path or refused with a code", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z.[\]*?()@$:'"=<>,\\0-9{} -]{0,20}$/), (path) => {
      try {
        findJsonPath(path, source);
      } catch (error) {
        expect(error).toMatchObject({ name: "SchemaError" });
      }
    }),
    { numRuns: 2000 },
  );
});

test("a destination cannot reach the prototype", () => {
  const config: JsonObject = {};
  copySourceItems([{ key: ".deep.x.name", destination: ".__proto__.polluted" }], source, config);
  expect(({} as JsonObject)["polluted"]).toBeUndefined();
  expect(Object.keys(config)).toEqual(["__proto__"]);
});
