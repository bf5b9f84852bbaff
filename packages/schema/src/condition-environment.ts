import { SchemaError } from "./errors.ts";
import { CelCompileError } from "./cel/cel-error.ts";
import { celFromJson } from "./cel/cel-json.ts";
import { compileCel, createCelEnvironment, type CelProgram } from "./cel/cel-program.ts";
import { standardLibrary } from "./cel/library-standard.ts";
import { any, bool, map, string, typeText, type CelType } from "./cel/cel-type.ts";
import { CelMap, type CelValue } from "./cel/cel-value.ts";
import type { JsonObject } from "./json-value.ts";

/** A condition that a package names once and uses in other expressions as `cond.<name>`. */
export interface NamedCondition {
  readonly name: string;
  readonly expression: string;
}

/** Evaluates the conditions of a package. */
export interface ConditionEnvironment {
  /**
   * Evaluates an expression to a boolean.
   *
   * @throws SchemaError `cel-compile`, `cel-program`, `cel-evaluation` or `cel-return-type`.
   */
  evaluate(expression: string): boolean;
}

/** Units of work one expression may spend. */
const budget = 10_000_000;

/**
 * Makes the environment in which a package's conditions are evaluated: one variable of type
 * `map(string, any)` per key of the context, the standard library, every number a double, and
 * `cond` with the results of the named conditions, which cannot see each other.
 *
 * @throws SchemaError `cel-condition-name`, `cel-condition-duplicate` or `cel-condition-evaluation`.
 */
export function createConditionEnvironment(
  context: JsonObject,
  conditions: readonly NamedCondition[] = [],
): ConditionEnvironment {
  const values = new Map<string, CelValue>(
    Object.entries(context).map(([key, value]) => [key, celFromJson(value, { numbers: "double" })]),
  );
  const types = Object.fromEntries(
    [...values.keys()].map((key): [string, CelType] => [key, map(string, any)]),
  );
  const named = createEnvironment(types, values);
  const results = new Map<string, boolean>();
  for (const { name, expression } of conditions) {
    if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name)) {
      throw new SchemaError("cel-condition-name", `invalid CEL condition name: '${name}'`);
    }
    if (results.has(name)) {
      throw new SchemaError("cel-condition-duplicate", `duplicate CEL condition name: '${name}'`);
    }
    try {
      results.set(name, named.evaluate(expression));
    } catch (error) {
      const message = `CEL condition evaluation failed: '${name}': ${(error as Error).message}`;
      throw new SchemaError("cel-condition-evaluation", message, { cause: error });
    }
  }
  return createEnvironment(
    { ...types, cond: map(string, bool) },
    new Map([...values, ["cond", new CelMap(results)]]),
  );
}

function createEnvironment(
  variables: Readonly<Record<string, CelType>>,
  values: ReadonlyMap<string, CelValue>,
): ConditionEnvironment {
  const environment = createCelEnvironment({ variables, libraries: [standardLibrary] });
  const compile = (expression: string): CelProgram => {
    try {
      const program = compileCel(environment, expression);
      program.checkConstants();
      return program;
    } catch (error) {
      const [code, stage] =
        error instanceof CelCompileError
          ? (["cel-compile", "CEL expression compilation error"] as const)
          : (["cel-program", "program construction error"] as const);
      throw new SchemaError(code, `${stage}: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    evaluate: (expression) => {
      const program = compile(expression);
      const result = run(program, values);
      if (typeof result === "boolean") return result;
      const message = `invalid return type: ${typeText(program.type)}, expected bool`;
      throw new SchemaError("cel-return-type", message);
    },
  };
}

function run(program: CelProgram, values: ReadonlyMap<string, CelValue>): CelValue {
  try {
    return program.evaluate(values, { remaining: budget });
  } catch (error) {
    const message = `program evaluation error: ${(error as Error).message}`;
    throw new SchemaError("cel-evaluation", message, { cause: error });
  }
}
