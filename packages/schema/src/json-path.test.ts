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
};

test.each<[string, unknown[]]>([
  [String.raw`.list[?(@.name=="a\"b")].n`, [1]],
  [String.raw`.list[?(@.name=='it\'s')].n`, [2]],
  [String.raw`.list[?(@.name=="tab\t")].n`, [2.5]],
  [".list[?(@.on==true)].n", [2]],
  [".list[::2].n", [1, 2.5]],
  [".deep..name", [1, 2]],
  [".deep.*", [{ name: 1 }, [{ name: 2 }]]],
])("%s", (path, expected) => {
  expect(findJsonPath(path, source)).toEqual(expected);
});

test.each<[string, string, string]>([
  [".list[?(@.n<>1)]", "json-path-not-found", "unrecognized filter operator <>"],
  [".list[?(@.on<true)]", "json-path-not-found", "invalid type for comparison"],
  [".list[?(@.n==foo)]", "json-path-not-found", "unrecognized identifier foo"],
  [".list[?(@.n==2.5)]", "json-path-not-found", "incompatible types for comparison"],
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
