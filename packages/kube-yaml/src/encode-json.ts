import { YamlError } from "./errors.ts";
import { compareUtf8 } from "./json-value.ts";

/** How `encodeJson` writes. */
export interface EncodeJsonOptions {
  /** Writes `<`, `>` and `&` as escapes, as Go does by default. Default true. */
  readonly escapeHtml?: boolean;
  /** Indent text of one level; empty writes everything on one line. Default empty. */
  readonly indent?: string;
}

/** Deeper values are refused, so that a hostile value cannot exhaust the stack. */
const maxDepth = 2000;

/**
 * Writes a value as Go's encoding/json does: sorted keys, HTML escapes, Go's number text. Properties that are
 * `undefined` are left out. Throws YamlError `json` for what JSON cannot hold (NaN, infinity, functions).
 */
export function encodeJson(value: unknown, options: EncodeJsonOptions = {}): string {
  const indent = options.indent ?? "";
  const unsafe = (options.escapeHtml ?? true) ? htmlUnsafe : jsonUnsafe;
  const text = (string: string): string => `"${string.replace(unsafe, escapeCharacter)}"`;

  const write = (node: unknown, depth: number): string => {
    if (depth > maxDepth) throw new YamlError("limit", `json: value nests deeper than ${maxDepth} levels`);
    if (node === null || node === undefined) return "null";
    if (typeof node === "string") return text(node);
    if (typeof node === "number") return numberText(node);
    if (typeof node === "boolean" || typeof node === "bigint") return String(node);
    if (typeof node !== "object") throw new YamlError("json", `json: unsupported type: ${typeof node}`);
    const [parts, open, close] = Array.isArray(node)
      ? [node.map((item) => write(item, depth + 1)), "[", "]"]
      : [objectParts(node, depth), "{", "}"];
    if (parts.length === 0) return open + close;
    if (indent === "") return open + parts.join(",") + close;
    const inner = `\n${indent.repeat(depth + 1)}`;
    return `${open}${inner}${parts.join(`,${inner}`)}\n${indent.repeat(depth)}${close}`;
  };

  const objectParts = (node: object, depth: number): string[] => {
    const entries = node as Record<string, unknown>;
    const separator = indent === "" ? ":" : ": ";
    return Object.keys(node)
      .filter((key) => entries[key] !== undefined)
      .toSorted(compareUtf8)
      .map((key) => text(key) + separator + write(entries[key], depth + 1));
  };

  return write(value, 0);
}

/** Go's and JavaScript's shortest number texts agree, but for negative zero. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return String(value);
  const name = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  throw new YamlError("json", `json: unsupported value: ${name}`);
}

const loneSurrogate = "[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]";
// oxlint-disable-next-line no-control-regex -- JSON escapes control characters
const jsonUnsafe = new RegExp(`["\\\\\\u0000-\\u001f\\u2028\\u2029]|${loneSurrogate}`, "g");
const htmlUnsafe = new RegExp(`[<>&"\\\\\\u0000-\\u001f\\u2028\\u2029]|${loneSurrogate}`, "g");

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  // Go writes the replacement character for what is not valid UTF-8.
  if (code >= 0xd800 && code <= 0xdfff) return "\\ufffd";
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
