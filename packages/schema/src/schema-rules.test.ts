import { describe, expect, test } from "vitest";
import { formatFieldError } from "./field-error.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import type { JsonValue } from "./json-value.ts";
import { compileRules } from "./schema-rules.ts";

function withRules(schema: JsonSchema, ...rules: ValidationRule[]): JsonSchema {
  return { ...schema, "x-kubernetes-validations": rules };
}

function run(schema: JsonSchema, value: JsonValue, oldValue?: JsonValue): string[] {
  const rules = compileRules(schema, "schema");
  expect(rules.errors.map(formatFieldError)).toEqual([]);
  return rules.evaluate(value, oldValue, "spec").map(formatFieldError);
}

function compileErrors(schema: JsonSchema): string[] {
  return compileRules(schema, "schema").errors.map(formatFieldError);
}

const text: JsonSchema = { type: "string" };
const integer: JsonSchema = { type: "integer" };

describe("transition rules", () => {
  const schema = withRules(
    { type: "object", properties: { previous: { type: "array", items: text }, revision: integer } },
    {
      rule: "(has(self.previous) == has(oldSelf.previous)) && (!has(self.previous) || (self.previous == oldSelf.previous))",
      message: "previous is immutable",
    },
    {
      rule: "!has(oldSelf.revision) || (self.revision == oldSelf.revision)",
      message: "revision is immutable",
    },
  );

  test("do not run on create", () => {
    expect(run(schema, { previous: ["a"], revision: 1 })).toEqual([]);
  });

  test("refuse a change and name the rule's message", () => {
    expect(run(schema, { previous: ["b"] }, { previous: ["a"] })).toEqual([
      "spec: Invalid value: previous is immutable",
    ]);
  });

  test("refuse an empty list where there was none", () => {
    expect(run(schema, { previous: [] }, {})).toEqual(["spec: Invalid value: previous is immutable"]);
  });

  test("report a missing field as an evaluation error", () => {
    expect(run(schema, {}, { revision: 3 })).toEqual([
      'spec: Invalid value: "object": no such key: revision evaluating rule: revision is immutable',
    ]);
  });

  test("run on items of keyed lists only", () => {
    const item = withRules(
      { type: "object", properties: { k: text, v: integer } },
      { rule: "self.v >= oldSelf.v" },
    );
    const keyed: JsonSchema = {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["k"],
      items: item,
    };
    const old = [
      { k: "a", v: 2 },
      { k: "b", v: 5 },
    ];
    const changed = [
      { k: "b", v: 4 },
      { k: "a", v: 2 },
      { k: "c", v: 0 },
    ];
    expect(run(keyed, changed, old)).toEqual(["spec[0]: Invalid value: failed rule: self.v >= oldSelf.v"]);
    expect(compileErrors({ type: "array", items: item })[0]).toContain(
      "oldSelf cannot be used on the uncorrelatable portion of the schema",
    );
  });

  test("may take an absent old value as an optional", () => {
    const schema = withRules(integer, { rule: "self > oldSelf.orValue(10)", optionalOldSelf: true });
    expect(run(schema, 11)).toEqual([]);
    expect(run(schema, 11, 12)).toHaveLength(1);
  });
});

describe("types", () => {
  test.each([
    ["integer arithmetic", integer, "self + 1 == 4", 3],
    ["doubles stay doubles", { type: "number" }, "self / 2.0 == 1.5", 3],
    [
      "dates are timestamps",
      { type: "string", format: "date-time" },
      "self.getFullYear() == 2024",
      "2024-05-06T07:08:09Z",
    ],
    ["durations", { type: "string", format: "duration" }, "self < duration('2h')", "90m"],
    [
      "int or string",
      { "x-kubernetes-int-or-string": true },
      "type(self) == string ? self.endsWith('%') : self > 0",
      "5%",
    ],
    [
      "maps",
      { type: "object", additionalProperties: integer },
      "self.all(k, self[k] > 0) && 'a' in self",
      { a: 1 },
    ],
    [
      "lists",
      { type: "array", items: integer },
      "self.sum() == 6 && self.isSorted() && self.max() == 3",
      [1, 2, 3],
    ],
    [
      "quantities",
      text,
      "quantity(self).isLessThan(quantity('2Gi')) && quantity(self).add(1).sign() == 1",
      "1Gi",
    ],
    [
      "addresses",
      text,
      "isCIDR(self) && cidr(self).containsIP('10.1.2.3') && ip('::1').isLoopback()",
      "10.0.0.0/8",
    ],
    ["named formats", text, "!format.dns1123Label().validate(self).hasValue()", "abc"],
    ["formatting", text, "'%s-%d %.2f'.format([self, 7, 1.5]) == 'a-7 1.50'", "a"],
    ["sets", { type: "array", items: text }, "sets.contains(['a', 'b'], self)", ["b"]],
    [
      "escaped names",
      { type: "object", properties: { "a-b": integer, namespace: text } },
      "self.a__dash__b == 1 && self.__namespace__ == 'x'",
      { "a-b": 1, namespace: "x" },
    ],
    ["optional fields", { type: "object", properties: { a: integer } }, "self.?a.orValue(5) == 5", {}],
  ] as [string, JsonSchema, string, JsonValue][])("%s", (_name, schema, rule, value) => {
    expect(run(withRules(schema, { rule }), value)).toEqual([]);
  });
});

describe("rules that do not compile", () => {
  test.each([
    [
      "an unknown field",
      { type: "object", properties: { a: integer } },
      "self.b == 1",
      "undefined field 'b'",
    ],
    [
      "a wrong operand",
      integer,
      "self == 'x'",
      "found no matching overload for '_==_' applied to '(int, string)'",
    ],
    ["a result that is no bool", integer, "self + 1", "cel expression must evaluate to a bool"],
    ["a syntax error", integer, "self >", "Syntax error"],
  ] as [string, JsonSchema, string, string][])("%s", (_name, schema, rule, message) => {
    const [error] = compileErrors(withRules(schema, { rule }));
    expect(error).toMatch(/^schema\.x-kubernetes-validations\[0\]\.rule: Invalid value: /);
    expect(error).toContain(message);
  });
});

describe("reports", () => {
  test("take reason, path and a computed message from the rule", () => {
    const schema = withRules(
      { type: "object", properties: { a: integer } },
      {
        rule: "self.a > 1",
        messageExpression: "'a is ' + string(self.a)",
        fieldPath: ".a",
        reason: "FieldValueForbidden",
      },
    );
    expect(run(schema, { a: 1 })).toEqual(["spec.a: Forbidden: a is 1"]);
  });

  test("fall back to the message when the computed one fails", () => {
    const schema = withRules(
      { type: "object", properties: { a: integer } },
      { rule: "has(self.a)", messageExpression: "string(self.a)", message: "a is missing" },
    );
    expect(run(schema, {})).toEqual(["spec: Invalid value: a is missing"]);
  });

  test("say when a rule costs too much, and stop", () => {
    const rule = "self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))";
    const schema = withRules({ type: "array", items: integer }, { rule }, { rule: "false" });
    const errors = run(
      schema,
      Array.from({ length: 200 }, (_, index) => index),
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("operation cancelled: actual cost limit exceeded");
  });
});
