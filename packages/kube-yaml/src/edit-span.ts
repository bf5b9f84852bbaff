import type { YamlNode } from "./compose.ts";
import type { JsonValue } from "./json-value.ts";
import { renderDocument, renderFlow, renderLike, renderValue } from "./render-edit.ts";

/** A piece of text and what takes its place. */
export interface EditSpan {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Puts a new value in place of a node. `parent` is undefined for a whole document. */
export function replaceNode(
  text: string,
  node: YamlNode,
  change: { readonly parent: YamlNode | undefined; readonly value: JsonValue },
): EditSpan {
  const { parent, value } = change;
  const old = text.slice(node.start.offset, node.end);
  const span = { from: node.start.offset, to: node.end };
  const gap = old === "" && /[:-]/.test(text[node.start.offset - 1] ?? "") ? " " : "";
  if (parent?.flow === true || (node.flow && old !== "{}" && old !== "[]")) {
    return { ...span, text: gap + renderFlow(value) };
  }
  const tail = text[node.end - 1] === "\n" ? "\n" : "";
  if (parent === undefined) return { ...span, text: renderDocument(value) + tail };
  const isBlock = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isBlock && (node.kind === "scalar" || node.kind === "alias")) {
    return { ...span, text: gap + renderLike(old, value, parent.start.column) + tail };
  }
  const from = behindIndicator(text, parent, node);
  const behind = parent.kind === "sequence" ? "dash" : "key";
  return { from, to: node.end, text: renderValue(value, parent.start.column, behind) + tail };
}

/** Adds a pair at the end of a mapping. */
export function addPair(text: string, mapping: YamlNode, pair: readonly [string, JsonValue]): EditSpan {
  const [key, value] = pair;
  if (mapping.flow) {
    return insertInFlow(mapping, `${renderFlow(key)}: ${renderFlow(value)}`, mapping.children.length / 2);
  }
  const { column } = mapping.start;
  const name = renderValue(key, column, "dash").slice(1);
  return addLine(text, mapping.end, " ".repeat(column) + name + ":" + renderValue(value, column, "key"));
}

/** Inserts an entry into a list. */
export function insertItem(
  text: string,
  list: YamlNode,
  entry: { readonly index: number; value: JsonValue },
): EditSpan {
  if (list.flow) return insertInFlow(list, renderFlow(entry.value), entry.index);
  const { column, offset } = list.start;
  const line = `-${renderValue(entry.value, column, "dash")}`;
  const previous = list.children[entry.index - 1];
  if (previous !== undefined) return addLine(text, previous.end, " ".repeat(column) + line);
  return { from: offset, to: offset, text: `${line}\n${" ".repeat(column)}` };
}

/** Takes an entry out of a collection; the last one leaves empty brackets. */
export function removeEntry(text: string, parent: YamlNode, index: number): EditSpan {
  const step = parent.kind === "mapping" ? 2 : 1;
  const first = parent.children[index * step] as YamlNode;
  const last = parent.children[index * step + step - 1] as YamlNode;
  const next = parent.children[(index + 1) * step];
  if (parent.children.length === step && !parent.flow) return emptied(text, parent);
  if (parent.flow) {
    if (parent.children.length === step)
      return { from: parent.start.offset + 1, to: parent.end - 1, text: "" };
    if (next !== undefined) return { from: first.start.offset, to: next.start.offset, text: "" };
    return { from: (parent.children[index * step - 1] as YamlNode).end, to: last.end, text: "" };
  }
  const from = entryStart(text, parent, first);
  // The first entry may share its line with what opens the collection, as in `- a: 1`.
  if (index === 0 && next !== undefined) return { from, to: entryStart(text, parent, next), text: "" };
  return { from: text.lastIndexOf("\n", from - 1) + 1, to: lineEnd(text, last.end), text: "" };
}

/** Brackets stand right behind the key or dash; below a comment they stand further in than the key. */
function emptied(text: string, parent: YamlNode): EditSpan {
  const brackets = parent.kind === "mapping" ? "{}" : "[]";
  const tail = text[parent.end - 1] === "\n" ? "\n" : "";
  const before = text.slice(0, parent.start.offset).trimEnd();
  if (/(?:^|[^-])[-:]$/.test(before))
    return { from: before.length, to: parent.end, text: ` ${brackets}${tail}` };
  const gap = before === "" || before.endsWith("---") ? "" : "  ";
  return { from: parent.start.offset, to: parent.end, text: gap + brackets + tail };
}

function entryStart(text: string, parent: YamlNode, first: YamlNode): number {
  return parent.kind === "sequence" ? behindIndicator(text, parent, first) - 1 : first.start.offset;
}

/** Offset behind the colon or dash that a value stands behind. */
function behindIndicator(text: string, parent: YamlNode, node: YamlNode): number {
  const index = parent.children.indexOf(node);
  const before = parent.children[index - 1]?.end ?? parent.start.offset;
  if (parent.kind === "mapping") return text.indexOf(":", before) + 1;
  // Comments between two entries may hold dashes, so the dash is sought by its column.
  const dash = new RegExp(`(?<=^|\\n)[ ]{${parent.start.column}}-(?=\\s)`, "g");
  dash.lastIndex = before;
  return index === 0 ? parent.start.offset + 1 : dash.exec(text) === null ? 0 : dash.lastIndex;
}

/** A new line behind the one where `offset` is, whose comment stays with it. */
function addLine(text: string, offset: number, line: string): EditSpan {
  const at = text[offset - 1] === "\n" ? offset : lineEnd(text, offset);
  const complete = at === 0 || text[at - 1] === "\n";
  return { from: at, to: at, text: complete ? `${line}\n` : `\n${line}` };
}

/** Offset behind the line break of the line where `offset` is. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

function insertInFlow(parent: YamlNode, text: string, index: number): EditSpan {
  const step = parent.kind === "mapping" ? 2 : 1;
  const next = parent.children[index * step];
  if (next !== undefined) return { from: next.start.offset, to: next.start.offset, text: `${text}, ` };
  const last = parent.children.at(-1);
  if (last === undefined) return { from: parent.end - 1, to: parent.end - 1, text };
  return { from: last.end, to: last.end, text: `, ${text}` };
}
