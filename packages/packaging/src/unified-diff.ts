import { diffLines } from "./diff-lines.ts";

/** How a unified diff is headed. */
export interface DiffNames {
  readonly from: string;
  readonly to: string;
}

/** Lines of unchanged text around a change. */
const contextLines = 3;

/** One line of the result: kept, taken out or put in; counts are the lines passed before it. */
interface Edit {
  readonly kind: " " | "-" | "+";
  readonly line: string;
  readonly from: number;
  readonly to: number;
}

/** The text of `diff -u` without time stamps and final line feed; empty when the texts are equal. */
export function unifiedDiff(from: string, to: string, names: DiffNames): string {
  if (from === to) return "";
  const edits = diffEdits(toLines(from), toLines(to));
  return [`--- ${names.from}`, `+++ ${names.to}`, ...hunks(edits).flatMap(formatHunk)].join("\n");
}

/** Lines with their feed, so that a last line without one differs from the same line with one. */
function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function diffEdits(from: readonly string[], to: readonly string[]): Edit[] {
  const { removed, added } = diffLines(from, to);
  const kinds: Edit["kind"][] = [];
  for (let left = 0, right = 0; left < from.length || right < to.length;) {
    const kind = removed[left] === true ? "-" : added[right] === true ? "+" : " ";
    kinds.push(kind);
    if (kind !== "+") left++;
    if (kind !== "-") right++;
  }
  return numbered(kinds, from, to);
}

function numbered(kinds: readonly Edit["kind"][], from: readonly string[], to: readonly string[]): Edit[] {
  let left = 0;
  let right = 0;
  return kinds.map((kind) => {
    const edit = { kind, line: (kind === "+" ? to[right] : from[left]) ?? "", from: left, to: right };
    if (kind !== "+") left++;
    if (kind !== "-") right++;
    return edit;
  });
}

/** Groups changes whose context would touch. */
function hunks(edits: readonly Edit[]): Edit[][] {
  const groups: { start: number; end: number }[] = [];
  for (const [index, edit] of edits.entries()) {
    if (edit.kind === " ") continue;
    const start = Math.max(index - contextLines, 0);
    const end = Math.min(index + contextLines + 1, edits.length);
    const last = groups.at(-1);
    if (last !== undefined && start <= last.end) last.end = end;
    else groups.push({ start, end });
  }
  return groups.map(({ start, end }) => edits.slice(start, end));
}

function formatHunk(edits: readonly Edit[]): string[] {
  const [first] = edits;
  const removed = edits.filter(({ kind }) => kind !== "+").length;
  const added = edits.filter(({ kind }) => kind !== "-").length;
  const head = `@@ -${formatRange(first?.from ?? 0, removed)} +${formatRange(first?.to ?? 0, added)} @@`;
  return [head, ...edits.flatMap(formatLine)];
}

/** An empty range names the line before it. */
function formatRange(before: number, count: number): string {
  if (count === 0) return `${before},0`;
  return count === 1 ? String(before + 1) : `${before + 1},${count}`;
}

function formatLine({ kind, line }: Edit): string[] {
  if (line.endsWith("\n")) return [kind + line.slice(0, -1)];
  return [kind + line, "\\ No newline at end of file"];
}
