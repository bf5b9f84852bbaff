/** Part of a pattern. */
type GlobNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "single" | "any" | "super" }
  | { readonly kind: "class"; readonly not: boolean; readonly matches: (character: string) => boolean }
  | { readonly kind: "either"; readonly branches: readonly (readonly GlobNode[])[] }
  /** Parts of fixed length side by side. */
  | { readonly kind: "row"; readonly parts: readonly GlobNode[] };

function isFixed(node: GlobNode): boolean {
  return node.kind === "text" || node.kind === "single" || node.kind === "class";
}

/** Reads patterns of gobwas/glob: `*` within a folder, `**` across folders, `?`, classes and alternatives. */
class GlobParser {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  parse(): GlobNode[] {
    return this.#sequence();
  }

  /** A run of at least two parts of fixed length becomes a row; characters side by side are one part. */
  #rows(nodes: readonly GlobNode[]): GlobNode[] {
    const merged: GlobNode[] = [];
    for (const node of nodes) {
      const last = merged.at(-1);
      if (node.kind === "text" && last?.kind === "text") {
        merged[merged.length - 1] = { kind: "text", text: last.text + node.text };
      } else {
        merged.push(node);
      }
    }
    const result: GlobNode[] = [];
    for (const node of merged) {
      const last = result.at(-1);
      if (!isFixed(node) || last === undefined || !(isFixed(last) || last.kind === "row")) result.push(node);
      else
        result[result.length - 1] = {
          kind: "row",
          parts: [...(last.kind === "row" ? last.parts : [last]), node],
        };
    }
    return result;
  }

  #sequence(): GlobNode[] {
    const nodes: GlobNode[] = [];
    while (this.#at < this.#characters.length) {
      const character = this.#characters[this.#at] ?? "";
      if (this.#depth > 0 && (character === "," || character === "}")) break;
      this.#at++;
      if (character === "?") nodes.push({ kind: "single" });
      else if (character === "*") nodes.push(this.#stars());
      else if (character === "[") nodes.push(this.#class());
      else if (character === "{") nodes.push(this.#either());
      else nodes.push({ kind: "text", text: this.#text(character) });
    }
    return this.#rows(nodes);
  }

  #stars(): GlobNode {
    if (this.#characters[this.#at] !== "*") return { kind: "any" };
    this.#at++;
    return { kind: "super" };
  }

  #text(character: string): string {
    if (character !== "\\") return character;
    return this.#characters[this.#at++] ?? "";
  }

  #either(): GlobNode {
    this.#depth++;
    if (this.#depth > 100) throw new Error("pattern is nested too deeply");
    const branches = [this.#sequence()];
    while (this.#characters[this.#at] === ",") {
      this.#at++;
      branches.push(this.#sequence());
    }
    // A missing closing brace is not noticed.
    this.#at++;
    this.#depth--;
    return { kind: "either", branches };
  }

  #next(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new Error("unexpected end of input");
    return character;
  }

  #class(): GlobNode {
    let first = this.#next();
    const not = first === "!";
    if (not) first = this.#next();
    if (this.#characters[this.#at] === "-") {
      this.#at++;
      return this.#range(first, not);
    }
    this.#at--;
    const members = new Set<string>();
    while (this.#at < this.#characters.length && this.#characters[this.#at] !== "]") {
      members.add(this.#text(this.#next()));
    }
    this.#close();
    if (members.size === 0) throw new Error("could not parse range");
    return { kind: "class", not, matches: (character) => members.has(character) };
  }

  #range(low: string, not: boolean): GlobNode {
    const high = this.#next();
    this.#close();
    if (high < low) throw new Error(`hi character '${high}' should be greater than lo '${low}'`);
    return { kind: "class", not, matches: (character) => character >= low && character <= high };
  }

  #close(): void {
    if (this.#next() !== "]") throw new Error("expected close range character");
  }
}

/** Offsets at which a match of `node` can end, for any of the offsets at which it may begin. */
function advance(node: GlobNode, path: readonly string[], starts: ReadonlySet<number>): Set<number> {
  const ends = new Set<number>();
  for (const start of starts) {
    switch (node.kind) {
      case "text": {
        const text = Array.from(node.text);
        if (text.every((character, i) => path[start + i] === character)) ends.add(start + text.length);
        break;
      }
      case "row":
        for (const end of matchRow(node.parts, path, start)) ends.add(end);
        break;
      case "single":
        if (start < path.length && path[start] !== "/") ends.add(start + 1);
        break;
      case "class":
        if (start < path.length && node.matches(path[start] ?? "") !== node.not) ends.add(start + 1);
        break;
      case "any":
      case "super":
        for (let end = start; end <= path.length && !ends.has(end); end++) {
          ends.add(end);
          if (node.kind === "any" && path[end] === "/") break;
        }
        break;
      case "either":
        for (const branch of node.branches) {
          for (const end of run(branch, path, new Set([start]))) ends.add(end);
        }
        break;
    }
  }
  return ends;
}

/** In a row gobwas cuts a part off in the middle of its last character, unless that is ASCII; then nothing matches. */
function matchRow(parts: readonly GlobNode[], path: readonly string[], start: number): ReadonlySet<number> {
  let current: ReadonlySet<number> = new Set([start]);
  for (const part of parts) {
    const ends = Array.from(advance(part, path, current));
    current = new Set(ends.filter((end) => (path[end - 1] ?? "") < "\x80"));
  }
  return current;
}

function run(
  nodes: readonly GlobNode[],
  path: readonly string[],
  starts: ReadonlySet<number>,
): ReadonlySet<number> {
  let current = starts;
  for (const node of nodes) {
    current = advance(node, path, current);
    if (current.size === 0) break;
  }
  return current;
}

/**
 * Compiles a file pattern of the dialect of `getFileGlob` (gobwas/glob with `/` as separator). Throws an Error for
 * a malformed one.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const nodes = new GlobParser(pattern).parse();
  return (path) => {
    const characters = Array.from(path);
    return run(nodes, characters, new Set([0])).has(characters.length);
  };
}
