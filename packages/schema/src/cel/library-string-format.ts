import { goFloat } from "../go-float.ts";
import { goQuote } from "../go-quote.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { conversions } from "./library-conversions.ts";
import { fits } from "./cel-dispatch.ts";
import { fn, method, type CelCallContext, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelMap, CelTypeValue, CelUint, isCelList, type CelValue } from "./cel-value.ts";

const toText = conversions.filter(({ name }) => name === "string");

/** A value inside of a formatted text, as cel-go prints it for `%s`. */
function textOf(value: CelValue, context: CelCallContext): string {
  context.spend(1);
  if (value === null) return "null";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : goFloat(value);
  if (value instanceof CelTypeValue) return value.type;
  if (isCelList(value)) return `[${value.map((item) => textOf(item, context)).join(", ")}]`;
  if (value instanceof CelMap) {
    const entries = value.entries().map(([key, item]) => `${textOf(key, context)}: ${textOf(item, context)}`);
    return `{${entries.toSorted().join(", ")}}`;
  }
  const conversion = toText.find(({ args: [type] }) => fits(type!, value));
  if (conversion === undefined) throw new CelEvaluationError("no such overload");
  return conversion.call([value], context) as string;
}

function integerOf(value: CelValue, clause: string): bigint {
  if (typeof value === "bigint") return value;
  if (value instanceof CelUint) return value.value;
  if (typeof value === "boolean" && clause === "b") return value ? 1n : 0n;
  throw new CelEvaluationError(`error during formatting: ${clause} clause can only be used on integers`);
}

function radix(value: CelValue, clause: string, base: number): string {
  if (clause === "x" && (typeof value === "string" || value instanceof Uint8Array)) {
    return Buffer.from(value as Uint8Array).toString("hex");
  }
  return integerOf(value, clause).toString(base);
}

function decimal(value: CelValue, clause: string, precision: number): string {
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw new CelEvaluationError(`error during formatting: ${clause} clause can only be used on doubles`);
  }
  const double = Number(value);
  if (!Number.isFinite(double)) return Number.isNaN(double) ? "NaN" : double > 0 ? "Infinity" : "-Infinity";
  if (clause === "f") return double.toFixed(precision);
  return double.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
}

function formatOne(clause: string, precision: number, value: CelValue, context: CelCallContext): string {
  switch (clause) {
    case "s":
      return textOf(value, context);
    case "d":
      return typeof value === "number" ? textOf(value, context) : String(integerOf(value, clause));
    case "b":
      return radix(value, clause, 2);
    case "o":
      return radix(value, clause, 8);
    case "x":
      return radix(value, "x", 16);
    case "X":
      return radix(value, "x", 16).toUpperCase();
    default:
      return decimal(value, clause, precision);
  }
}

function format([template, items]: readonly CelValue[], context: CelCallContext): string {
  const args = items as readonly CelValue[];
  let index = 0;
  const result = (template as string).replaceAll(
    /%(?:\.(\d{1,2}))?([^.]|$)/gs,
    (_, digits?: string, clause = "") => {
      if (clause === "%") return "%";
      if (!/^[sdfebxXo]$/.test(clause)) {
        throw new CelEvaluationError(
          `could not parse formatting clause: unrecognized formatting clause ${goQuote(clause)}`,
        );
      }
      const value = args[index++];
      if (value === undefined) throw new CelEvaluationError(`index ${index - 1} out of range`);
      return formatOne(clause, digits === undefined ? 6 : Number(digits), value, context);
    },
  );
  context.spend(Math.ceil(result.length / 10));
  if (index < args.length) throw new CelEvaluationError("too many arguments supplied to format string");
  return result;
}

/** What version 2 of cel-go's string extension has beyond version 0. */
export const stringFormatLibrary: readonly CelOverload[] = [
  method("format", [t.string, t.list(t.dyn)], t.string, format),
  fn("strings.quote", [t.string], t.string, ([text]) => goQuote(text as string)),
];
