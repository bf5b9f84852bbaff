import type { YamlNode } from "./compose.ts";
import { resolveNode } from "./resolve-node.ts";
import { formatGoFloat } from "./go-float.ts";
import { compareUtf8 } from "./json-value.ts";

/** Longer descriptions are cut; Go would print the whole value. */
const maxLength = 4096;

/** A value as Go's `%#v` prints it, for the error texts that show one. */
export function describeGo(node: YamlNode, source: string | undefined): string {
  return describe(node, source, 0).slice(0, maxLength);
}

function describe(node: YamlNode, source: string | undefined, depth: number): string {
  if (depth > 20) return "...";
  if (node.kind === "alias") return describe(node.target as YamlNode, source, depth + 1);
  if (node.kind === "sequence") {
    return `[]interface {}{${node.children.map((child) => describe(child, source, depth + 1)).join(", ")}}`;
  }
  if (node.kind === "scalar") return describeScalar(node, source, depth);
  const pairs: string[] = [];
  for (let index = 0; index < node.children.length; index += 2) {
    const [key, value] = node.children.slice(index, index + 2) as [YamlNode, YamlNode];
    pairs.push(`${describe(key, source, depth + 1)}:${describe(value, source, depth + 1)}`);
  }
  return `map[interface {}]interface {}{${pairs.toSorted(compareUtf8).join(", ")}}`;
}

function describeScalar(node: YamlNode, source: string | undefined, depth: number): string {
  const { kind, value } = resolveNode(node, source);
  if (kind === "null") return depth === 0 ? "<nil>" : "interface {}(nil)";
  if (typeof value === "string") return JSON.stringify(value);
  if (kind === "float") return formatGoFloat(Number(value));
  if (typeof value === "bigint" && value >= 2n ** 63n) return `0x${value.toString(16)}`;
  return String(value);
}
