import type { Budget } from "../limits.ts";
import type { ByteString } from "../text/byte-string.ts";
import type { Result, Value } from "../value/value.ts";
import { Printer } from "./printer.ts";

/** The `%v` form of a value; nil is `<nil>`. */
export function formatValue(value: Value, budget: Budget): ByteString {
  if (typeof value === "string") return value;
  const printer = new Printer(budget);
  printer.argument(value, "v");
  return printer.out;
}

/** What an action prints for its value: the absent one is `<no value>`. */
export function printValue(value: Result, budget: Budget): ByteString {
  return value === undefined ? "<no value>" : formatValue(value, budget);
}

/** `fmt.Sprint`: a blank between neighbours that are both no strings. */
export function sprint(args: readonly Value[], budget: Budget): ByteString {
  const printer = new Printer(budget);
  for (const [i, value] of args.entries()) {
    if (i > 0 && typeof value !== "string" && typeof args[i - 1] !== "string") printer.literal(" ");
    printer.argument(value, "v");
  }
  return printer.out;
}

/** `fmt.Sprintln`: a blank between all, a line end after the last. */
export function sprintln(args: readonly Value[], budget: Budget): ByteString {
  const printer = new Printer(budget);
  for (const [i, value] of args.entries()) {
    if (i > 0) printer.literal(" ");
    printer.argument(value, "v");
  }
  printer.literal("\n");
  return printer.out;
}
