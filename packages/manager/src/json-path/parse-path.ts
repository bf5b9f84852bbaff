import { type Path, PathError, type PathNode, type SliceBounds } from "./node.ts";

const shape = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/;

/**
 * Reads a path in one of the forms `a.b`, `.a.b`, `{a.b}` and `{.a.b}`, in the dialect of kubectl's custom columns.
 * Throws {@link PathError}.
 */
export function parsePath(text: string): Path {
  if (text === "") throw new PathError("unexpected end of JSON input");
  const [, braced, bare] = shape.exec(text) ?? [];
  const steps = braced ?? bare;
  if (steps === undefined) {
    throw new PathError(
      "path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  return parseSteps(`.${steps}`);
}

/** Ends a field name, unless a backslash stands before it. */
const terminators = new Set(" .,[]$@{}");

function parseSteps(text: string): PathNode[] {
  const nodes: PathNode[] = [];
  let position = 0;

  const takeField = (): PathNode => {
    let name = "";
    while (position < text.length && !terminators.has(text.charAt(position))) {
      if (text.charAt(position) === "\\") position++;
      name += text.charAt(position++);
    }
    return name === "*" ? { kind: "wildcard" } : { kind: "field", name };
  };
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = position;
    const [matched = ""] = pattern.exec(text) ?? [];
    position += matched.length;
    return matched;
  };

  while (position < text.length) {
    const rest = text.slice(position);
    const character = rest.charAt(0);
    if (rest.startsWith("[?(")) {
      const { end, node } = parseFilter(text, position + 3);
      position = end;
      nodes.push(node);
    } else if (rest.startsWith("..")) {
      if (nodes.at(-1)?.kind === "recursive") throw new PathError("invalid multiple recursive descent");
      position += 2;
      nodes.push({ kind: "recursive" });
      if (/^[\p{L}\p{N}_]/u.test(text.slice(position))) nodes.push(takeField());
    } else if (character === " " || character === "@" || character === "$") {
      position++;
    } else if (character === "[") {
      const end = text.indexOf("]", position);
      if (end < 0) throw new PathError("unterminated array");
      nodes.push(...parseBrackets(text.slice(position + 1, end)));
      position = end + 1;
    } else if (character === ".") {
      position++;
      nodes.push(takeField());
    } else if (character === '"' || character === "'") {
      nodes.push(parseQuoted(take(character === '"' ? /"(?:\\.|[^"\\])*"?/y : /'(?:\\.|[^'\\])*'?/y)));
    } else if (/[+\-\d]/.test(character)) {
      nodes.push(parseNumber(take(/[+-]?[\d.]*/y)));
    } else if (/^[\p{L}\p{N}_]/u.test(rest)) {
      nodes.push(parseWord(take(/[\p{L}\p{N}_]+/uy)));
    } else {
      throw new PathError(`unrecognized character in action: ${describe(rest)}`);
    }
  }
  return nodes;
}

function describe(text: string): string {
  const [character = ""] = text;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code} '${character}'`;
}

function parseBrackets(text: string): PathNode[] {
  const parts = text.split(",");
  if (parts.length > 1) {
    return [{ kind: "union", paths: parts.map((part) => parseSteps(`[${part.trim()}]`)) }];
  }
  const key = /^'([^']*)'$/.exec(text)?.[1];
  if (key !== undefined) return parseSteps(`.${key}`);
  return [{ kind: "slice", bounds: parseBounds(text === "*" ? ":" : text) }];
}

function parseBounds(text: string): SliceBounds {
  const matched = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (matched === null) throw new PathError(`invalid array index ${text}`);
  const [, from = "", to, step] = matched;
  const bound = (part: string | undefined): number | undefined => {
    const digits = part?.replace(/^:/, "") ?? "";
    if (digits === "-") throw new PathError(`array index ${digits} is not a number`);
    return digits === "" ? undefined : Number(digits);
  };
  const start = bound(from);
  const single = to === undefined;
  return { from: start, to: single ? (start ?? 0) + 1 : bound(to), step: bound(step), single };
}

function parseFilter(text: string, start: number): { end: number; node: PathNode } {
  let [opened, closed] = [false, false];
  let pair = "";
  let position = start;
  for (; ; position++) {
    const character = text.charAt(position);
    if (character === "") throw new PathError("unterminated filter");
    if (character === '"' || character === "'") {
      if (!opened) [opened, pair] = [true, character];
      else if (character === pair && text.charAt(position - 1) !== "\\") closed = true;
    }
    if (character === ")" && opened === closed) break;
  }
  if (text.charAt(position + 1) !== "]") throw new PathError("unclosed array expect ]");
  const condition = text.slice(start, position);
  const [, left, operator = "exists", right = ""] = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(condition) ?? [];
  const node: PathNode = {
    kind: "filter",
    left: parseSteps(left ?? condition),
    operator,
    right: parseSteps(right),
  };
  return { end: position + 2, node };
}

function parseQuoted(text: string): PathNode {
  const quote = text.charAt(0);
  if (text.length < 2 || !text.endsWith(quote)) throw new PathError("unterminated quoted string");
  const value = text.slice(1, -1).replaceAll(/\\(.)/g, (_match, character: string) => {
    return { n: "\n", t: "\t", r: "\r" }[character] ?? character;
  });
  return { kind: "constant", value };
}

function parseNumber(text: string): PathNode {
  const value = Number(text);
  if (text === "" || Number.isNaN(value)) throw new PathError(`cannot parse number ${text}`);
  return { kind: "constant", value };
}

function parseWord(word: string): PathNode {
  if (word === "true" || word === "false") return { kind: "constant", value: word === "true" };
  return { kind: "identifier", name: word };
}
