import type { YamlNode } from "./compose.ts";
import { isMerge, isUnsigned, resolveNode } from "./resolve-node.ts";
import { formatGoFloat } from "./go-float.ts";
import { compareUtf8 } from "./json-value.ts";

/** More nodes than this are not shown; Go would print the whole value. */
const maxNodes = 2000;

/** A value as Go's `%#v` prints it, for the error texts that show one. */
export function describeGo(top: YamlNode, source: string | undefined): string {
  const root = top.target ?? top;
  let nodes = 0;
  const describe = (node: YamlNode): string => {
    if (++nodes > maxNodes) return "...";
    if (node.kind === "alias") return describe(node.target as YamlNode);
    if (node.kind === "sequence") return `[]interface {}{${node.children.map(describe).join(", ")}}`;
    if (node.kind === "scalar") return describeScalar(node, source, node === root);
    return `map[interface {}]interface {}{${pairs(node).join(", ")}}`;
  };
  const pairs = (mapping: YamlNode): string[] =>
    [...collect(mapping, new Map())].map(([key, value]) => `${key}:${value}`).toSorted(nilFirst);
  // Of equal keys the last counts, as in `construct`.
  const collect = ({ children }: YamlNode, values: Map<string, string>): Map<string, string> => {
    for (let index = 0; index < children.length; index += 2) {
      if (++nodes > maxNodes) break;
      const key = children[index] as YamlNode;
      const value = children[index + 1] as YamlNode;
      if (!isMerge(key)) values.set(describe(key), describe(value));
      else for (const merged of mergedMappings(value)) collect(merged, values);
    }
    return values;
  };
  return describe(root);
}

function mergedMappings(node: YamlNode): YamlNode[] {
  const target = node.target ?? node;
  return target.kind === "mapping"
    ? [target]
    : target.children.toReversed().map((item) => item.target ?? item);
}

/** Go prints the keys of a map in order, nil before all. */
function nilFirst(left: string, right: string): number {
  const isNil = (text: string): boolean => text.startsWith("interface {}(nil):");
  return isNil(left) === isNil(right) ? compareUtf8(left, right) : isNil(left) ? -1 : 1;
}

function describeScalar(node: YamlNode, source: string | undefined, isRoot: boolean): string {
  const scalar = resolveNode(node, source);
  const { kind, value } = scalar;
  if (kind === "null") return isRoot ? "<nil>" : "interface {}(nil)";
  if (typeof value === "string") return goQuote(value);
  if (kind === "float") return formatGoFloat(Number(value));
  return isUnsigned(scalar) ? `0x${BigInt(value ?? 0).toString(16)}` : String(value);
}

const named: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** Go's `strconv.Quote`. */
function goQuote(text: string): string {
  const escaped = text.replaceAll(/["\\]|[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const hex = (width: number): string => code.toString(16).padStart(width, "0");
    return named[char] ?? (code < 0x80 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
  });
  return `"${escaped}"`;
}
