import { encodeJson, type JsonValue, parseJson } from "@package-operator/kube-yaml";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBody, parseBody } from "./json-body.ts";

const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
  fc.integer().map((value) => BigInt(value)),
);
const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    integer.map((value) => parseJson(String(value))),
    fc.array(tie("value")),
    fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
  ),
}));

test("the fast path reads what the exact parser reads", () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = encodeJson({ value });
      expect(parseBody(text)).toEqual(parseJson(text));
    }),
  );
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(parseBody(encodeBody({ value }))).toEqual({ value });
    }),
  );
});

test("long digits in texts do not matter", () => {
  const digest = { image: "sha256:1234567890123456789012345678901234567890123456789012345678901234" };
  expect(parseBody(JSON.stringify(digest))).toEqual(digest);
});
