import type { ParameterType } from "../functions/function.ts";
import { typeOf } from "../value/type.ts";
import { GoComplex, GoInt, GoMap, GoVersion, int, type Result, type Value } from "../value/value.ts";
import type { NumberNode, OperandNode } from "../syntax/node.ts";
import { nodeText } from "../syntax/node-text.ts";

/** Ends the execution with a message. */
export type Fail = (message: string) => never;

function nilOf(type: ParameterType): Result {
  switch (type) {
    case "interface {}":
    case "*semver.Version":
      return null;
    case "map[string]interface {}":
      return new GoMap("interface {}", new Map<string, Value>(), true);
    default:
      return undefined;
  }
}

function canBeNil(type: ParameterType): boolean {
  return type === "reflect.Value" || nilOf(type) !== undefined;
}

/** The literal `nil` as an argument. */
export function nilArgument(type: ParameterType, fail: Fail): Result {
  return canBeNil(type) ? nilOf(type) : fail(`cannot assign nil to ${type}`);
}

function fits(value: Value, type: ParameterType): boolean {
  switch (type) {
    case "interface {}":
    case "reflect.Value":
      return true;
    case "string":
      return typeof value === "string";
    case "float64":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    case "int":
      return value instanceof GoInt && value.type === "int";
    case "map[string]interface {}":
      return value instanceof GoMap && value.element === "interface {}";
    default:
      return value instanceof GoVersion && value.isPointer;
  }
}

/** Checks that a value can be passed for a parameter; the invalid value becomes the nil of the type. */
export function assign(value: Result, type: ParameterType, fail: Fail): Result {
  if (value === undefined) return canBeNil(type) ? nilOf(type) : fail(`invalid value; expected ${type}`);
  if (fits(value, type)) return value;
  const given = value === null ? "interface {}" : typeOf(value);
  return fail(`wrong type for value; expected ${type}; got ${given}`);
}

/** The value of a number literal where nothing asks for a type. */
export function idealConstant(constant: NumberNode, fail: Fail): Value {
  const { literal, complex, float } = constant;
  if (complex !== undefined) return new GoComplex(complex.real, complex.imaginary);
  const hexInteger = /^0[xX]/.test(literal) && !/[pP]/.test(literal);
  if (float !== undefined && !hexInteger && !literal.startsWith("'") && /[.eEpP]/.test(literal)) return float;
  return constant.int === undefined ? fail(`${literal} overflows int`) : int(constant.int);
}

/** A literal as an argument: it adapts to the type of the parameter. */
export function literalArgument(node: OperandNode, type: ParameterType, fail: Fail): Value {
  switch (type) {
    case "bool":
      return node.kind === "bool" ? node.value : fail(`expected bool; found ${nodeText(node)}`);
    case "string":
      return node.kind === "string" ? node.value : fail(`expected string; found ${nodeText(node)}`);
    case "int":
      if (node.kind === "number" && node.int !== undefined) return int(node.int);
      return fail(`expected integer; found ${nodeText(node)}`);
    case "float64":
      if (node.kind === "number" && node.float !== undefined) return node.float;
      return fail(`expected float; found ${nodeText(node)}`);
    case "interface {}":
    case "reflect.Value":
      if (node.kind === "bool" || node.kind === "string") return node.value;
      if (node.kind === "number") return idealConstant(node, fail);
      return fail(`can't handle assignment of ${nodeText(node)} to empty interface argument`);
    default:
      return fail(`can't handle ${nodeText(node)} for arg of type ${type}`);
  }
}
