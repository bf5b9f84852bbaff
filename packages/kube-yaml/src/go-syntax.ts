import type { YamlNode } from "./compose.ts";
import { resolveNode } from "./resolve-node.ts";
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
  const pairs = ({ children }: YamlNode): string[] =>
    children
      .flatMap((key, index) =>
        index % 2 === 0 ? [`${describe(key)}:${describe(children[index + 1] ?? key)}`] : [],
      )
      .toSorted(nilFirst);
  return describe(root);
}

/** Go prints the keys of a map in order, nil before all. */
function nilFirst(left: string, right: string): number {
  const isNil = (text: string): boolean => text.startsWith("interface {}(nil):");
  return isNil(left) === isNil(right) ? compareUtf8(left, right) : isNil(left) ? -1 : 1;
}

function describeScalar(node: YamlNode, source: string | undefined, isRoot: boolean): string {
  const { kind, value } = resolveNode(node, source);
  if (kind === "null") return isRoot ? "<nil>" : "interface {}(nil)";
  if (typeof value === "string") return JSON.stringify(value);
  if (kind === "float") return formatGoFloat(Number(value));
  if (typeof value === "bigint" && value >= 2n ** 63n) return `0x${value.toString(16)}`;
  return String(value);
}
