import { encodeJson } from "./encode-json.ts";
import { encodeYaml } from "./encode-yaml.ts";
import type { JsonValue } from "./json-value.ts";

/** A value on one line, as it may stand inside brackets. */
export function renderFlow(value: JsonValue): string {
  if (typeof value === "string" && plainInFlow.test(value)) {
    const text = encodeYaml(value).trimEnd();
    if (text === value) return text;
  }
  if (Array.isArray(value)) return `[${value.map(renderFlow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${renderFlow(key)}: ${renderFlow(item)}`);
    return `{${pairs.join(", ")}}`;
  }
  return encodeJson(value, { escapeHtml: false });
}

const plainInFlow = /^[A-Za-z0-9_./][A-Za-z0-9_./@-]*$/;

/** A value as a whole document, without its last line break. */
export function renderDocument(value: JsonValue): string {
  return encodeYaml(value).trimEnd();
}

/** A scalar in the quotes the old text had, where they can hold the new one. `column` is the parent's. */
export function renderLike(old: string, value: JsonValue, column: number): string {
  if (typeof value === "string" && old.startsWith('"')) return encodeJson(value, { escapeHtml: false });
  if (typeof value === "string" && old.startsWith("'") && /^[ -~]*$/.test(value)) {
    return `'${value.replaceAll("'", "''")}'`;
  }
  return shift(encodeYaml(value).trimEnd(), column);
}

/**
 * A value behind its key or dash: scalars and empty collections on the same line, a block on the lines below,
 * a mapping behind a dash on the dash's own line. `column` is that of the key or dash.
 */
export function renderValue(value: JsonValue, column: number, behind: "key" | "dash"): string {
  const text = encodeYaml(value).trimEnd();
  const block = typeof value === "object" && value !== null && text !== "{}" && text !== "[]";
  if (!block) return ` ${shift(text, column)}`;
  if (behind === "dash") return ` ${shift(text, column + 2)}`;
  const inner = Array.isArray(value) ? column : column + 2;
  return `\n${" ".repeat(inner)}${shift(text, inner)}`;
}

/** Moves all lines but the first to the right; empty lines stay empty. */
function shift(text: string, columns: number): string {
  return text.replace(/\n(?!\n|$)/g, `\n${" ".repeat(columns)}`);
}
