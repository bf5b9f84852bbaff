import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CelBudgetError, CelCompileError } from "./cel-error.ts";
import { compileCel, createCelEnvironment } from "./cel-program.ts";
import { dyn } from "./cel-type.ts";
import { celFromJson } from "./cel-json.ts";
import { standardLibrary } from "./library-standard.ts";

const environment = createCelEnvironment({ variables: { self: dyn }, libraries: [standardLibrary] });

function evaluate(
  source: string,
  self: Parameters<typeof celFromJson>[0] = null,
  remaining = 1_000_000,
): unknown {
  const variables = new Map([["self", celFromJson(self, { numbers: "exact" })]]);
  return compileCel(environment, source).evaluate(variables, { remaining });
}

describe("expressions cannot hang", () => {
  test.each([
    "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, a + b + c > 0)))",
    "self.map(a, self.map(b, self.map(c, [a, b, c]))).size() > 0",
    "self.exists(a, self.exists(b, self.exists(c, self.exists(d, false))))",
  ])("%s stops at its budget", (source) => {
    const many = Array.from({ length: 300 }, (_, index) => index);
    expect(() => evaluate(source, many, 1000)).toThrow(CelBudgetError);
  });

  test("nothing absorbs the end of the budget", () => {
    const many = Array.from({ length: 1000 }, (_, index) => index);
    expect(() => evaluate("self.all(a, self.all(b, a + b >= 0)) || true", many, 100)).toThrow(CelBudgetError);
  });

  test.each([
    ["nesting", "(".repeat(5000) + "1" + ")".repeat(5000)],
    ["a chain", "1" + "+1".repeat(50_000)],
    ["lists", "[".repeat(5000) + "]".repeat(5000)],
    ["length", `'${"a".repeat(200_000)}'`],
    ["selections", `self${".a".repeat(5000)}`],
  ])("too much %s is refused", (_name, source) => {
    expect(() => compileCel(environment, source)).toThrow(CelCompileError);
  });

  test("long chains of logic are fine", () => {
    expect(evaluate(Array.from({ length: 3000 }, () => "true").join(" && "))).toBe(true);
    expect(evaluate(`${"!".repeat(3000)}true`)).toBe(true);
  });

  test("regular expressions take linear time", () => {
    expect(evaluate("self.matches('^(a+)+$')", `${"a".repeat(5000)}b`)).toBe(false);
  });
});

test("any text is compiled or refused with a report", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ a-z0-9.+*/%&|!?:=<>()[\]{},'"\\-]{0,30}$/), (source) => {
      try {
        compileCel(environment, source);
      } catch (error) {
        expect(error).toBeInstanceOf(CelCompileError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("integers behave as 64-bit integers or overflow", () => {
  const int = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(int, int, fc.constantFrom("+", "-", "*"), (a, b, operator) => {
      const exact = operator === "+" ? a + b : operator === "-" ? a - b : a * b;
      let actual: unknown;
      try {
        actual = evaluate(`${a} ${operator} ${b}`);
      } catch (error) {
        actual = (error as Error).message;
      }
      expect(actual).toBe(exact === BigInt.asIntN(64, exact) ? exact : "integer overflow");
    }),
  );
});

test("issues are reported with their line and a mark", () => {
  expect(() => compileCel(environment, "1 == 1 &&\n  nope")).toThrow(
    "ERROR: <input>:2:3: undeclared reference to 'nope' (in container '')\n |   nope\n | ..^",
  );
});
