import type { CelExpr } from "./cel-ast.ts";
import { checkCel, type CelReference, type CelScope } from "./cel-checker.ts";
import { evaluateCel, type CelBudget } from "./cel-evaluator.ts";
import type { CelOverload } from "./cel-overload.ts";
import { parseCel, type CelSyntax } from "./cel-parser.ts";
import type { CelType } from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

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
 * @throws CelCompileError with cel-go's report; Error of a function that refuses its constant arguments.
 */
export function compileCel(environment: CelEnvironment, source: string): CelProgram {
  const expr = parseCel(source, environment.syntax);
  const checked = checkCel(source, expr, environment);
  checkConstants(checked.references);
  const variables = new Set<string>();
  for (const reference of checked.references.values()) {
    if (reference.kind === "variable" && reference.name.startsWith("."))
      variables.add(reference.name.slice(1));
  }
  return {
    type: checked.type,
    variables,
    evaluate: (bindings, budget) => evaluateCel(expr, checked, bindings, budget),
  };
}

/** Lets functions refuse constant arguments, such as a malformed regular expression, before anything runs. */
function checkConstants(references: ReadonlyMap<CelExpr, CelReference>): void {
  for (const [expr, reference] of references) {
    if (reference.kind !== "overloads" || expr.kind !== "call") continue;
    const constants = expr.args.map((arg) => (arg.kind === "literal" ? arg.value : undefined));
    for (const { check } of reference.overloads) check?.(constants);
  }
}
