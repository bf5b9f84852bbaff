import { access } from "./builtin/access.ts";
import { comparisons } from "./builtin/compare.ts";
import { printers } from "./builtin/print.ts";
import { slice } from "./builtin/slice.ts";
import type { FunctionMap } from "./function.ts";

const builtins: FunctionMap = { ...access, ...comparisons, ...printers, slice };

/** The functions that every template knows. */
export function builtinFunctions(): FunctionMap {
  return builtins;
}
