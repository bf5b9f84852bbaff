import type { CelType } from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

/** What an implementation may use besides its arguments. */
export interface CelCallContext {
  /** Charges work; throws CelBudgetError when the budget is used up. */
  spend(cost: number): void;
}

/** One overload of a function: its static signature and what it does. */
export interface CelOverload {
  readonly name: string;
  /** The first of `args` is the receiver of a method. */
  readonly method: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** Called only with values that fit `args`. */
  readonly call: CelImplementation;
  /** Known at run time only: no expression type-checks with it. */
  readonly dynamic?: boolean;
  /** Checks constant arguments (without receiver) when a program is made; others are undefined. */
  readonly check?: (args: readonly (CelValue | undefined)[]) => void;
}

/** Computes a result; throws CelEvaluationError. */
export type CelImplementation = (args: readonly CelValue[], context: CelCallContext) => CelValue;

/** Declares a function. */
export function fn(
  name: string,
  args: readonly CelType[],
  result: CelType,
  call: CelImplementation,
): CelOverload {
  return { name, method: false, args, result, call };
}

/** Declares a method; the receiver is the first argument. */
export function method(
  name: string,
  args: readonly CelType[],
  result: CelType,
  call: CelImplementation,
): CelOverload {
  return { name, method: true, args, result, call };
}
