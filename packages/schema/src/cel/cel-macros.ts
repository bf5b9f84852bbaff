import type { CelCall, CelExpr, CelMacro } from "./cel-ast.ts";
import type { CelIssue } from "./cel-error.ts";

/** A macro that is used wrongly. */
export class MacroError extends Error implements CelIssue {
  override readonly name = "MacroError";
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const macros: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  filter: [2],
  map: [2, 3],
};

/** Expands a call of a macro; other calls, also of a macro's name with other arguments, stay calls. */
export function expandCall(call: CelCall, options: { readonly optionals?: boolean }): CelExpr {
  const { name, target, args, offset } = call;
  if (target === undefined) {
    return name === "has" && args.length === 1 ? presenceTest(args[0]!, offset) : call;
  }
  const counts = Object.hasOwn(macros, name) ? macros[name]! : [];
  if (counts.includes(args.length)) {
    const body = args.at(-1)!;
    return {
      kind: "comprehension",
      macro: name as CelMacro,
      range: target,
      variable: variableOf(args[0]!, name),
      ...(args.length === 3 ? { condition: args[1]! } : {}),
      body,
      offset,
    };
  }
  if (options.optionals === true && (name === "optMap" || name === "optFlatMap") && args.length === 2) {
    return {
      kind: "bind",
      macro: name,
      operand: target,
      variable: variableOf(args[0]!, name),
      body: args[1]!,
      offset,
    };
  }
  return call;
}

function presenceTest(operand: CelExpr, offset: number): CelExpr {
  if (operand.kind !== "select" || operand.test) {
    throw new MacroError(operand.offset, "invalid argument to has() macro");
  }
  return { ...operand, test: true, offset };
}

function variableOf(expr: CelExpr, macro: string): string {
  if (expr.kind !== "ident") {
    const makesList = macro === "map" || macro === "filter";
    throw new MacroError(
      expr.offset,
      makesList ? "argument is not an identifier" : "argument must be a simple name",
    );
  }
  if (expr.name === "__result__") {
    throw new MacroError(expr.offset, "iteration variable overwrites accumulator variable");
  }
  return expr.name;
}
