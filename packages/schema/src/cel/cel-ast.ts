import type { CelType } from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

/** A node of a parsed expression (`message` is `Name{…}`, for which no type is declared); `offset` is its place in code points, as cel-go reports it. */
export type CelExpr =
  | { readonly kind: "literal"; readonly value: CelValue; readonly type: CelType; readonly offset: number }
  | { readonly kind: "ident"; readonly name: string; readonly offset: number }
  | CelSelect
  | CelCall
  | CelListExpr
  | CelMapExpr
  | CelComprehension
  | { readonly kind: "message"; readonly name: string; readonly offset: number }
  | CelBind;

/** `operand.field`; with `test` it is `has(operand.field)`, with `optional` it is `operand.?field`. */
export interface CelSelect {
  readonly kind: "select";
  readonly operand: CelExpr;
  readonly field: string;
  readonly test: boolean;
  readonly optional: boolean;
  readonly offset: number;
}

/** A function, method or operator; operators have names such as `_+_`. */
export interface CelCall {
  readonly kind: "call";
  readonly name: string;
  readonly target?: CelExpr;
  readonly args: readonly CelExpr[];
  readonly offset: number;
}

/** `[a, ?b]`. */
export interface CelListExpr {
  readonly kind: "list";
  readonly elements: readonly CelExpr[];
  readonly optional: ReadonlySet<number>;
  readonly offset: number;
}

/** `{a: b, ?c: d}`. */
export interface CelMapExpr {
  readonly kind: "map";
  readonly entries: readonly { readonly key: CelExpr; readonly value: CelExpr; readonly optional: boolean }[];
  readonly offset: number;
}

/** What a comprehension does with its elements. */
export type CelMacro = "all" | "exists" | "exists_one" | "map" | "filter";

/** `range.macro(variable, [condition,] body)`. */
export interface CelComprehension {
  readonly kind: "comprehension";
  readonly macro: CelMacro;
  readonly range: CelExpr;
  readonly variable: string;
  /** Only of `map` with three arguments. */
  readonly condition?: CelExpr;
  readonly body: CelExpr;
  readonly offset: number;
}

/** `operand.optMap(variable, body)` and `optFlatMap`. */
export interface CelBind {
  readonly kind: "bind";
  readonly macro: "optMap" | "optFlatMap";
  readonly operand: CelExpr;
  readonly variable: string;
  readonly body: CelExpr;
  readonly offset: number;
}
