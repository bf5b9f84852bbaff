import { checkIndex } from "./cel-access.ts";
import type { CelExpr } from "./cel-ast.ts";
import { checkCel, type CelReference, type CelScope } from "./cel-checker.ts";
import { evaluateCel, type CelBudget } from "./cel-evaluator.ts";
import type { CelOverload } from "./cel-overload.ts";
import { parseCel, type CelSyntax } from "./cel-parser.ts";
import type { CelType } from "./cel-type.ts";
import { messageTypes } from "./cel-type-names.ts";
import { CelTypeValue, type CelValue } from "./cel-value.ts";

/** Variables, functions and syntax that expressions may use. */
export interface CelEnvironment extends CelScope {
  readonly syntax: CelSyntax;
}

/** What `createCelEnvironment` is made of. */
export interface CelEnvironmentOptions extends CelSyntax {
  readonly variables: Readonly<Record<string, CelType>>;
  readonly libraries: readonly (readonly CelOverload[])[];
  /** Elements of a list or map literal must have one type. Default false. */
  readonly homogeneousLiterals?: boolean;
}

/** An expression ready to run. */
export interface CelProgram {
  /** Static type of the result. */
  readonly type: CelType;
  /** Names of the environment's variables that the expression uses. */
  readonly variables: ReadonlySet<string>;
  /**
   * Lets functions and indexes refuse constants, such as a malformed regular expression, before anything runs.
   *
   * @throws Error with cel-go's text.
   */
  checkConstants(): void;
  /**
   * Evaluates; `budget` bounds the work, one million units when absent.
   *
   * @throws CelEvaluationError with cel-go's text.
   */
  evaluate(variables: ReadonlyMap<string, CelValue>, budget?: CelBudget): CelValue;
}

/** Makes an environment. */
export function createCelEnvironment(options: CelEnvironmentOptions): CelEnvironment {
  const functions = new Map<string, CelOverload[]>();
  for (const overload of options.libraries.flat()) {
    const known = functions.get(overload.name);
    if (known === undefined) functions.set(overload.name, [overload]);
    else known.push(overload);
  }
  return {
    variables: new Map(Object.entries(options.variables)),
    functions,
    homogeneousLiterals: options.homogeneousLiterals === true,
    syntax: { optionals: options.optionals === true },
  };
}

/**
 * Parses and type-checks an expression.
 *
 * @throws CelCompileError with cel-go's report.
 */
export function compileCel(environment: CelEnvironment, source: string): CelProgram {
  const expr = parseCel(source, environment.syntax);
  const checked = checkCel(source, expr, environment);
  const variables = new Set<string>();
  for (const reference of checked.references.values()) {
    if (reference.kind === "variable" && reference.name.startsWith("."))
      variables.add(reference.name.slice(1));
  }
  return {
    type: checked.type,
    variables,
    checkConstants: () => checkConstants(checked.references),
    evaluate: (bindings, budget) => evaluateCel(expr, checked, bindings, budget),
  };
}

function checkConstants(references: ReadonlyMap<CelExpr, CelReference>): void {
  for (const [expr, reference] of references) {
    if (reference.kind === "constant") checkType(reference.value);
    if (reference.kind !== "overloads" || expr.kind !== "call") continue;
    const constants = expr.args.map((arg) => constantValue(arg, references));
    if (expr.name === "_[_]" && constants[1] !== undefined) checkIndex(constants[1]);
    for (const { check } of reference.overloads) check?.(constants);
  }
}

function checkType(value: CelValue): void {
  if (value instanceof CelTypeValue && messageTypes.has(value.type)) {
    throw new Error(`reference to undefined type: ${value.type}`);
  }
}

function constantValue(expr: CelExpr, references: ReadonlyMap<CelExpr, CelReference>): CelValue | undefined {
  if (expr.kind === "literal") return expr.value;
  const reference = references.get(expr);
  return reference?.kind === "constant" ? reference.value : undefined;
}
