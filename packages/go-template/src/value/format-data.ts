import { formatValue } from "../format/print.ts";
import { Budget, resolveLimits } from "../limits.ts";
import { decodeText } from "../text/byte-string.ts";
import { fromJson, type TemplateData } from "./json.ts";

/** Data in Go's `%v` form, as messages show a context: `map[a:1 b:[x y]]`. */
export function formatData(data: TemplateData): string {
  return decodeText(formatValue(fromJson(data), new Budget(resolveLimits())));
}
