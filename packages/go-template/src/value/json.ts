import { limitError, maxDepth } from "../limits.ts";
import { encodeText } from "../text/byte-string.ts";
import { GoInt, GoList, GoMap, GoVersion, GoComplex, grownList, map, type Value } from "./value.ts";

/**
 * What an execution takes as data: plain data as `JSON.parse` gives it, with Go values anywhere in it. Strings are
 * text; `undefined` members are left out, as `JSON.stringify` does.
 */
export type TemplateData =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | GoInt
  | GoComplex
  | GoList
  | GoMap
  | GoVersion
  | readonly TemplateData[]
  | { readonly [key: string]: TemplateData };

/**
 * Converts data as Go decodes JSON into `any`: every number becomes a float64. Go values stay themselves, so that
 * data converted once can be given to many executions, which then see what the others changed in it.
 */
export function fromJson(data: TemplateData, depth = 0): Value {
  if (data === null || data === undefined) return null;
  if (typeof data === "string") return encodeText(data);
  if (typeof data === "number" || typeof data === "boolean") return data;
  if (typeof data === "bigint") return Number(data);
  if (depth > maxDepth) throw limitError("data is nested too deeply");
  if (Array.isArray(data))
    return grownList(
      "interface {}",
      data.map((item: TemplateData) => fromJson(item, depth + 1)),
    );
  if (isGoValue(data)) return data;
  const entries = new Map<string, Value>();
  for (const [key, item] of Object.entries(data)) {
    if (item !== undefined) entries.set(encodeText(key), fromJson(item, depth + 1));
  }
  return map(entries);
}

function isGoValue(data: object): data is GoInt | GoComplex | GoList | GoMap | GoVersion {
  return (
    data instanceof GoMap ||
    data instanceof GoList ||
    data instanceof GoInt ||
    data instanceof GoVersion ||
    data instanceof GoComplex
  );
}
