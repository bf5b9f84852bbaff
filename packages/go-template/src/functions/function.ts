import type { Budget } from "../limits.ts";
import type { ByteString } from "../text/byte-string.ts";
import { GoInt, type GoMap, type GoVersion, type Result, type Value } from "../value/value.ts";

/** What a function is given for each Go type that a parameter can have. */
export interface ParameterValues {
  readonly "interface {}": Value;
  /** A value as it is, also the invalid one. */
  readonly "reflect.Value": Result;
  readonly string: ByteString;
  readonly int: number;
  readonly float64: number;
  readonly bool: boolean;
  readonly "map[string]interface {}": GoMap;
  readonly "*semver.Version": GoVersion | null;
}

/** Go types that a parameter can have. The caller checks arguments, so that a function may rely on them. */
export type ParameterType = keyof ParameterValues;

/** What a function can ask of the execution that calls it. */
export interface CallContext {
  readonly budget: Budget;
  /** Executes another template of the set and returns its text. */
  include(name: ByteString, data: Value): ByteString;
}

/** A function that templates can call. It reports failure by throwing an Error. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[];
  /** Type of any number of further arguments. */
  readonly rest: ParameterType | undefined;
  /** Called with as many arguments as the parameters ask for, each of its type. */
  call(args: readonly Result[], context: CallContext): Result;
}

/** Functions by the name under which templates call them. */
export type FunctionMap = Readonly<Record<string, TemplateFunction>>;

type Arguments<P extends readonly ParameterType[]> = {
  readonly [I in keyof P]: ParameterValues[P[I] & ParameterType];
};

function toHost(arg: Result): unknown {
  return arg instanceof GoInt ? Number(arg.value) : arg;
}

/** Defines a function with a fixed number of parameters. */
export function define<const P extends readonly ParameterType[]>(
  parameters: P,
  body: (args: Arguments<P>, context: CallContext) => Result,
): TemplateFunction {
  const converts = parameters.includes("int");
  return {
    parameters,
    rest: undefined,
    call(args, context) {
      const given = converts ? args.map((arg, i) => (parameters[i] === "int" ? toHost(arg) : arg)) : args;
      // The executor has checked count and types against `parameters`.
      return body(given as unknown as Arguments<P>, context);
    },
  };
}

/** Defines a function that takes any number of further arguments of one type. */
export function defineVariadic<const P extends readonly ParameterType[], R extends ParameterType>(
  parameters: P,
  rest: R,
  body: (args: Arguments<P>, rest: readonly ParameterValues[R][], context: CallContext) => Result,
): TemplateFunction {
  return {
    parameters,
    rest,
    call(args, context) {
      const given = args.map((arg, i) => ((parameters[i] ?? rest) === "int" ? toHost(arg) : arg));
      const fixed = given.slice(0, parameters.length) as unknown as Arguments<P>;
      return body(fixed, given.slice(parameters.length) as ParameterValues[R][], context);
    },
  };
}

/** Defines a function of one string whose work per byte is more than that of looking at it: `units` a byte. */
export function defineScan(units: number, convert: (text: ByteString) => ByteString): TemplateFunction {
  return define(["string"], ([text], { budget }) => {
    budget.spend(units * text.length);
    return convert(text);
  });
}
