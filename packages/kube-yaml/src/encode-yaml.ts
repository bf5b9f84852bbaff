import { analyzeScalar } from "./analyze-scalar.ts";
import { decodeYaml } from "./decode-yaml.ts";
import { encodeJson } from "./encode-json.ts";
import { YamlError } from "./errors.ts";
import { formatGoFloat } from "./go-float.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { compareKeys } from "./key-order.ts";
import { parseJson } from "./parse-json.ts";
import { isBase60, resolveScalar } from "./resolve-scalar.ts";
import { type ScalarStyle, ScalarWriter } from "./scalar-writer.ts";

/**
 * Writes a value as sigs.k8s.io/yaml Marshal does: block style, natural key order, lists not indented below
 * their key, quoting and folding at 80 columns as go-yaml v2. Ends with a line break. `undefined` properties
 * are left out. Throws YamlError for what JSON cannot hold.
 */
export function encodeYaml(value: unknown): string {
  const json = encodeJson(value, { escapeHtml: false });
  const writer = new ScalarWriter();
  const tree = throughYaml.test(json) ? readBack(json) : parseJson(json);
  writeNode(writer, tree, { indent: -1, inMapping: false });
  return writer.finish();
}

/**
 * The Go library reads its own JSON back as YAML, where these characters are line breaks or errors and a key
 * of more than 1024 characters is none. Such text takes the same way here.
 */
const throughYaml = /[\u007f-\u009f\ufffe\uffff]|[^"\n]{1000}/;

function readBack(json: string): JsonValue {
  try {
    return decodeYaml(json);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new YamlError(error.code, error.message.replace("error converting YAML to JSON: ", ""), {
      cause: error,
    });
  }
}

interface Place {
  /** Column of the enclosing collection, -1 for the document itself. */
  readonly indent: number;
  /** Directly below a mapping key. */
  readonly inMapping: boolean;
}

function writeNode(writer: ScalarWriter, value: JsonValue, place: Place): void {
  if (Array.isArray(value)) writeSequence(writer, value, place);
  else if (isJsonObject(value)) writeMapping(writer, value, place);
  else writeScalar(writer, value, place.indent);
}

function writeSequence(writer: ScalarWriter, items: readonly JsonValue[], place: Place): void {
  if (items.length === 0) return writeEmpty(writer, "[]");
  const inline = place.inMapping && !writer.indention;
  const indent = place.indent < 0 ? 0 : inline ? place.indent : place.indent + 2;
  for (const item of items) {
    writer.indent(indent);
    writer.indicator("-", { space: true, indention: true });
    writeNode(writer, item, { indent, inMapping: false });
  }
}

function writeMapping(writer: ScalarWriter, object: JsonObject, place: Place): void {
  const keys = Object.keys(object).toSorted(compareKeys);
  if (keys.length === 0) return writeEmpty(writer, "{}");
  const indent = place.indent < 0 ? 0 : place.indent + 2;
  for (const key of keys) {
    writer.indent(indent);
    if (isSimpleKey(key)) {
      writer.scalar(key, keyStyle(key), { indent: indent + 2, fold: false });
      writer.indicator(":");
    } else {
      writer.indicator("?", { space: true, indention: true });
      writeScalar(writer, key, indent);
      writer.indent(indent);
      writer.indicator(":", { space: true, indention: true });
    }
    writeNode(writer, object[key] ?? null, { indent, inMapping: true });
  }
}

function writeEmpty(writer: ScalarWriter, brackets: string): void {
  writer.indicator(brackets, { space: true });
}

function writeScalar(
  writer: ScalarWriter,
  value: null | boolean | number | bigint | string,
  indent: number,
): void {
  const layout = { indent: indent < 0 ? 2 : indent + 2, fold: true };
  if (typeof value === "string") writer.scalar(value, valueStyle(value), layout);
  else if (typeof value === "number" || typeof value === "bigint")
    writer.scalar(numberText(value), "plain", layout);
  else writer.scalar(String(value), "plain", layout);
}

/** Integers up to 64 bits keep their digits, everything else takes Go's shortest `%g` form. */
function numberText(value: number | bigint): string {
  const text = String(value === 0 ? 0 : value);
  const resolved = resolveScalar(text);
  return resolved.kind === "integer" ? text : formatGoFloat(Number(value));
}

function looksLikeOtherType(text: string): boolean {
  return resolveScalar(text).kind !== "string" || isBase60(text);
}

function valueStyle(text: string): ScalarStyle {
  const analysis = analyzeScalar(text);
  if (text.includes("\n")) return analysis.blockAllowed ? "literal" : "double";
  if (looksLikeOtherType(text)) return "double";
  if (analysis.plainAllowed) return "plain";
  return analysis.singleQuotedAllowed ? "single" : "double";
}

/** libyaml writes keys up to 128 bytes on one line, longer and multi-line ones behind a question mark. */
function isSimpleKey(key: string): boolean {
  return Buffer.byteLength(key) <= 128 && !analyzeScalar(key).multiline;
}

function keyStyle(key: string): ScalarStyle {
  const style = valueStyle(key);
  return style === "literal" ? "double" : style;
}
