import { type ByteString, decodeRune, decodeText } from "../../text/byte-string.ts";

/** Parts of a pattern one after another. */
export interface GlobSequence {
  readonly kind: "sequence";
  readonly parts: readonly GlobNode[];
}

/** Part of a pattern. */
export type GlobNode =
  | { readonly kind: "text"; readonly text: ByteString }
  | { readonly kind: "single" | "any" | "super" }
  | { readonly kind: "list"; readonly characters: ByteString; readonly not: boolean }
  | { readonly kind: "range"; readonly low: number; readonly high: number; readonly not: boolean }
  | { readonly kind: "either"; readonly branches: readonly GlobSequence[] }
  | GlobSequence;

/** Braces within braces; bounded by the stack of the host. */
const maxNesting = 100;

/** Reads patterns of gobwas/glob: `*` within a folder, `**` across folders, `?`, classes and alternatives. */
class GlobParser {
  readonly #pattern: ByteString;
  #at = 0;
  #depth = 0;

  constructor(pattern: ByteString) {
    this.#pattern = pattern;
  }

  sequence(): GlobSequence {
    const parts: GlobNode[] = [];
    while (this.#at < this.#pattern.length && !this.#endsBranch()) {
      const node = this.#node();
      if (node !== undefined) parts.push(node);
    }
    return { kind: "sequence", parts };
  }

  #endsBranch(): boolean {
    return this.#depth > 0 && ",}".includes(this.#pattern[this.#at] ?? "");
  }

  #node(): GlobNode | undefined {
    if (this.#take("?")) return { kind: "single" };
    if (this.#take("*")) return { kind: this.#take("*") ? "super" : "any" };
    if (this.#take("[")) return this.#class();
    if (this.#take("{")) return this.#either();
    const text = this.#text(this.#depth > 0 ? "?*[{}," : "?*[{");
    // A backslash at the very end is nothing.
    return text === "" ? undefined : { kind: "text", text };
  }

  #take(character: string): boolean {
    if (this.#pattern[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #text(breakers: string): ByteString {
    let text = "";
    while (this.#at < this.#pattern.length && !breakers.includes(this.#pattern[this.#at] ?? "")) {
      this.#take("\\");
      text += this.#pattern[this.#at++] ?? "";
    }
    return text;
  }

  #either(): GlobNode {
    this.#depth++;
    if (this.#depth > maxNesting) throw new Error("pattern is nested too deeply");
    const branches = [this.sequence()];
    while (this.#take(",")) branches.push(this.sequence());
    // A missing closing brace is not noticed.
    this.#take("}");
    this.#depth--;
    return { kind: "either", branches };
  }

  #class(): GlobNode {
    const not = this.#take("!");
    const low = this.#at;
    const first = this.#rune();
    if (this.#take("-")) return this.#range(first, not);
    this.#at = low;
    const characters = this.#text("]");
    this.#close();
    if (characters === "") throw new Error("could not parse range");
    return { kind: "list", characters, not };
  }

  #range(low: number, not: boolean): GlobNode {
    const start = this.#at;
    const high = this.#rune();
    const text = decodeText(this.#pattern.slice(start, this.#at));
    this.#close();
    if (high >= low) return { kind: "range", low, high, not };
    throw new Error(`hi character '${text}' should be greater than lo '${String.fromCodePoint(low)}'`);
  }

  #rune(): number {
    if (this.#at >= this.#pattern.length) throw new Error("unexpected end of input");
    const { rune, size } = decodeRune(this.#pattern, this.#at);
    this.#at += size;
    return rune;
  }

  #close(): void {
    if (this.#at >= this.#pattern.length) throw new Error("unexpected end of input");
    if (!this.#take("]")) throw new Error("expected close range character");
  }
}

/** Reads a file pattern. Throws an Error for a malformed one. */
export function parseGlob(pattern: ByteString): GlobNode {
  return new GlobParser(pattern).sequence();
}

/** Whether two nodes are the same pattern. */
export function equalNodes(a: GlobNode, b: GlobNode): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
