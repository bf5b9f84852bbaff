import { isJsonObject, type JsonValue } from "./json-value.ts";

const htmlEscapes: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** JSON as Go's `encoding/json` writes it: sorted keys, HTML characters escaped, floats in Go's form. */
export function jsonText(value: JsonValue): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return jsonNumber(value);
  if (typeof value === "string") return jsonString(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (isJsonObject(value)) {
    const keys = Object.keys(value).toSorted(compareBytes);
    return `{${keys.map((key) => `${jsonString(key)}:${jsonText(value[key]!)}`).join(",")}}`;
  }
  return String(value);
}

/** Orders text as Go does: by UTF-8 bytes, which is the order of code points. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => htmlEscapes[char]!);
}

/** Go switches to an exponent below 1e-6 and from 1e21 on, and pads neither. */
function jsonNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return String(value);
}
