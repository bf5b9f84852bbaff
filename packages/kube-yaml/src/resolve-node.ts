import type { YamlNode } from "./compose.ts";
import { yamlError } from "./cursor.ts";
import type { YamlError } from "./errors.ts";
import { type ResolvedScalar, resolveScalar } from "./resolve-scalar.ts";

/** Prefix of the tags `!!` stands for. */
const core: string = "tag:yaml.org,2002:";
const resolvable = new Set(
  ["", "str", "bool", "int", "float", "null", "timestamp"].map((name) => name && core + name),
);

/** Whether an integer is too large for a signed 64-bit one, which Go then treats as a type of its own. */
export function isUnsigned({ value }: ResolvedScalar): boolean {
  return typeof value === "bigint" && value >= 2n ** 63n;
}

/** Whether a key stands for the entries of its value. */
export function isMerge(node: YamlNode): boolean {
  if (node.kind !== "scalar" || node.value !== "<<") return false;
  return node.plain || node.tag === "!" || node.tag === `${core}merge`;
}

/** A scalar by its tag and text. Throws YamlError `value` where the tag does not fit. */
export function resolveNode(node: YamlNode, source: string | undefined): ResolvedScalar {
  if (node.tag === "" && !node.plain) return { kind: "string", value: node.value };
  if (node.tag === `${core}binary`) return { kind: "string", value: decodeBinary(node, source) };
  if (!resolvable.has(node.tag) || node.tag === `${core}str`) return { kind: "string", value: node.value };
  const resolved = resolveTagged(node);
  if (node.tag === "" || node.tag === core + tagNames[resolved.kind]) return resolved;
  // Only what fits a signed integer is made a float.
  if (node.tag === `${core}float` && resolved.kind === "integer" && !isUnsigned(resolved)) {
    return { kind: "float", value: Number(resolved.value) };
  }
  const wanted = node.tag.slice(core.length);
  throw failAt(node, source, `cannot decode !!${tagNames[resolved.kind]} \`${node.value}\` as a !!${wanted}`);
}

/** Texts of time are looked for only where nothing else is asked for. */
function resolveTagged({ tag, value }: YamlNode): ResolvedScalar {
  const resolved = resolveScalar(value);
  const isText = resolved.kind === "timestamp" && tag !== "" && tag !== `${core}timestamp`;
  return isText ? { kind: "string", value } : resolved;
}

const tagNames: Readonly<Record<ResolvedScalar["kind"], string>> = {
  string: "str",
  boolean: "bool",
  null: "null",
  integer: "int",
  float: "float",
  timestamp: "timestamp",
};

function decodeBinary(node: YamlNode, source: string | undefined): string {
  const text = node.value.replace(/[\r\n]/g, "");
  const valid = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  if (!valid) throw failAt(node, source, "!!binary value contains invalid base64 data");
  return Buffer.from(text, "base64").toString("utf8");
}

/** An error of the decoder, which the Go library words without a line. */
export function failAt(node: YamlNode, source: string | undefined, problem: string): YamlError {
  return yamlError(problem, 0, { mark: node.start, source, code: "value" });
}
