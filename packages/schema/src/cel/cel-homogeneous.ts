import type { CelExpr } from "./cel-ast.ts";
import type { CelIssue } from "./cel-error.ts";
import { equalTypes } from "./cel-substitution.ts";
import { formatType, type CelType } from "./cel-type.ts";

/** The one function whose arguments may hold literals of mixed types. */
const exempt = "format";

/**
 * Finds literals whose elements, keys or values are of more than one type, as Kubernetes forbids. Unlike the type check,
 * this takes dynamic types for types of their own.
 *
 * @param typeOf Gives the final type of every node.
 */
export function mixedLiterals(expr: CelExpr, typeOf: (expr: CelExpr) => CelType): CelIssue[] {
  switch (expr.kind) {
    case "select":
      return mixedLiterals(expr.operand, typeOf);
    case "call": {
      if (expr.name === exempt) return [];
      const parts = expr.target === undefined ? expr.args : [expr.target, ...expr.args];
      return parts.flatMap((part) => mixedLiterals(part, typeOf));
    }
    case "list": {
      const types = expr.elements.map((element, index) => held(typeOf(element), expr.optional.has(index)));
      return [
        ...differences(expr.elements, types).slice(0, 1),
        ...expr.elements.flatMap((element) => mixedLiterals(element, typeOf)),
      ];
    }
    case "map": {
      const keys = expr.entries.map(({ key }) => key);
      const values = expr.entries.map(({ value }) => value);
      const types = expr.entries.map(({ value, optional }) => held(typeOf(value), optional));
      return [
        ...differences(keys, keys.map(typeOf)),
        ...differences(values, types),
        ...[...keys, ...values].flatMap((part) => mixedLiterals(part, typeOf)),
      ];
    }
    case "comprehension": {
      const { range, condition, body } = expr;
      const parts = condition === undefined ? [range, body] : [range, condition, body];
      return parts.flatMap((part) => mixedLiterals(part, typeOf));
    }
    case "bind":
      return [expr.operand, expr.body].flatMap((part) => mixedLiterals(part, typeOf));
    default:
      return [];
  }
}

function held(type: CelType, optional: boolean): CelType {
  return optional && type.kind === "optional" ? type.of : type;
}

function differences(parts: readonly CelExpr[], types: readonly CelType[]): CelIssue[] {
  const [first] = types;
  return parts.flatMap(({ offset }, index) => {
    const type = types[index]!;
    if (first === undefined || equalTypes(first, type)) return [];
    return [{ offset, message: `expected type '${formatType(first)}' but found '${formatType(type)}'` }];
  });
}
