import { formatFloat } from "../format/float.ts";
import { versionText } from "../functions/semver/version.ts";
import { type Budget, limitError, maxDepth } from "../limits.ts";
import { type ByteString, replaceRunes, runeError } from "../text/byte-string.ts";
import { typeOf } from "./type.ts";
import { GoComplex, GoInt, GoList, GoMap, type Value } from "./value.ts";

/** How JSON text is written. */
export interface JsonStyle {
  /** Escape `<`, `>` and `&`, as Go does unless told otherwise. */
  readonly escapeHtml: boolean;
  /** Two blanks for every level, one member a line. */
  readonly pretty: boolean;
}

const special = /[\x80-\xff]+|[^ !#-%'-;=?-[\]-\xff]/g;
const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeUnit(unit: string, escapeHtml: boolean): string {
  const known = short[unit];
  if (known !== undefined) return known;
  if (unit >= " " && !(escapeHtml && "<>&".includes(unit))) return unit;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function jsonString(text: ByteString, escapeHtml: boolean): ByteString {
  const inside = replaceRunes(text, special, (rune, bytes) => {
    if (rune < 0x80) return escapeUnit(bytes, escapeHtml);
    if (rune === runeError && bytes.length === 1) return "\\ufffd";
    return rune === 0x2028 || rune === 0x2029 ? `\\u${rune.toString(16)}` : bytes;
  });
  return `"${inside}"`;
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`json: unsupported value: ${formatFloat(value, "g", -1)}`);
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return formatFloat(value, "f", -1);
  // A one-digit negative exponent loses its zero.
  return formatFloat(value, "e", -1).replace(/e-0(\d)$/, "e-$1");
}

class Encoder {
  readonly #style: JsonStyle;
  readonly #budget: Budget;
  out = "";

  constructor(style: JsonStyle, budget: Budget) {
    this.#style = style;
    this.#budget = budget;
  }

  #line(depth: number): void {
    if (this.#style.pretty) this.out += `\n${"  ".repeat(depth)}`;
  }

  value(value: Value, depth: number): void {
    if (depth > maxDepth) throw limitError("value is nested too deeply for JSON");
    this.#budget.spend(72);
    this.#budget.checkSize(this.out.length);
    if (value === null) this.out += "null";
    else if (typeof value === "string") this.out += jsonString(value, this.#style.escapeHtml);
    else if (typeof value === "number") this.out += jsonNumber(value);
    else if (typeof value === "boolean") this.out += String(value);
    else if (value instanceof GoInt) this.out += String(value.value);
    else if (value instanceof GoMap) this.#map(value, depth);
    else if (value instanceof GoList) this.#list(value, depth);
    else if (value instanceof GoComplex) throw new Error(`json: unsupported type: ${typeOf(value)}`);
    else this.out += jsonString(versionText(value.version), this.#style.escapeHtml);
  }

  #list(value: GoList, depth: number): void {
    if (value.items.length === 0) {
      this.out += value.isNil ? "null" : "[]";
      return;
    }
    this.out += "[";
    for (const [i, item] of value.items.entries()) {
      if (i > 0) this.out += ",";
      this.#line(depth + 1);
      this.value(item, depth + 1);
    }
    this.#line(depth);
    this.out += "]";
  }

  #map(value: GoMap, depth: number): void {
    if (value.entries.size === 0) {
      this.out += value.isNil ? "null" : "{}";
      return;
    }
    this.out += "{";
    for (const [i, key] of value.sortedKeys().entries()) {
      if (i > 0) this.out += ",";
      this.#line(depth + 1);
      this.out += `${jsonString(key, this.#style.escapeHtml)}:${this.#style.pretty ? " " : ""}`;
      this.value(value.entries.get(key) ?? null, depth + 1);
    }
    this.#line(depth);
    this.out += "}";
  }
}

/** JSON text of a value in the form of Go's encoding/json. Throws with Go's message for what has no JSON form. */
export function encodeJson(value: Value, style: JsonStyle, budget: Budget): ByteString {
  const encoder = new Encoder(style, budget);
  encoder.value(value, 0);
  return encoder.out;
}
