import { isBreak, isPrintable } from "./analyze-scalar.ts";

/** Lines longer than this are folded at the next blank. */
const bestWidth = 80;

/** Blanks per level. */
const bestIndent = 2;

/** How a string is written. */
export type ScalarStyle = "plain" | "single" | "double" | "literal";

/**
 * The text being written, with the three facts libyaml's emitter keeps: the column, whether the last thing
 * written was blank space, and whether only indentation stands on the line so far.
 */
export class ScalarWriter {
  readonly #parts: string[] = [];
  #column = 0;
  #whitespace = true;
  #indention = true;

  /** True while only indentation stands on the current line. */
  get indention(): boolean {
    return this.#indention;
  }

  /** The whole text; call once, at the end. */
  finish(): string {
    this.indent(0);
    return this.#parts.join("");
  }

  /** Starts a new line where needed and fills it up to `indent`. */
  indent(indent: number): void {
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace))
      this.#newline();
    if (this.#column < indent) this.#put(" ".repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }

  /** Writes `-`, `?`, `:` or a bracket. */
  indicator(
    text: string,
    flags: { readonly space?: boolean; readonly whitespace?: boolean; readonly indention?: boolean } = {},
  ): void {
    this.#put(flags.space === true && !this.#whitespace ? ` ${text}` : text);
    this.#whitespace = flags.whitespace ?? false;
    this.#indention &&= flags.indention ?? false;
  }

  /** Writes a scalar; `fold` allows line breaks at blanks past the best width. */
  scalar(
    text: string,
    style: ScalarStyle,
    layout: { readonly indent: number; readonly fold: boolean },
  ): void {
    if (style === "plain" && !(layout.fold && this.#column + text.length > bestWidth))
      this.#plainAtOnce(text);
    else if (style === "plain") this.#folded(text, layout);
    else if (style === "single") this.#singleQuoted(text, layout);
    else if (style === "double") this.#doubleQuoted(text, layout);
    else this.#literal(text, layout.indent);
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
  }

  #newline(): void {
    this.#parts.push("\n");
    this.#column = 0;
  }

  /** A line feed is written as such; the Unicode breaks stay what they are. */
  #break(character: string): void {
    this.#parts.push(character);
    this.#column = 0;
  }

  #plainAtOnce(text: string): void {
    this.#put(this.#whitespace ? text : ` ${text}`);
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Plain text past the best width, broken at single blanks. Plain text never holds breaks. */
  #folded(text: string, layout: { readonly indent: number }): void {
    if (!this.#whitespace) this.#put(" ");
    const characters = Array.from(text);
    let spaces = false;
    for (const [index, character] of characters.entries()) {
      if (character !== " ") {
        this.#character(character);
        this.#indention = false;
        spaces = false;
        continue;
      }
      if (!spaces && this.#column > bestWidth && characters[index + 1] !== " ") this.indent(layout.indent);
      else this.#put(" ");
      spaces = true;
    }
    this.#whitespace = false;
    this.#indention = false;
  }

  #character(character: string): void {
    this.#parts.push(character);
    this.#column++;
  }

  #singleQuoted(text: string, layout: { readonly indent: number; readonly fold: boolean }): void {
    this.indicator("'", { space: true });
    const characters = Array.from(text);
    const last = characters.length - 1;
    let spaces = false;
    let breaks = false;
    for (const [index, character] of characters.entries()) {
      if (character === " ") {
        const foldable = layout.fold && !spaces && this.#column > bestWidth && index > 0 && index < last;
        if (foldable && characters[index + 1] !== " ") this.indent(layout.indent);
        else this.#put(" ");
        spaces = true;
      } else if (isBreak(character)) {
        if (!breaks && character === "\n") this.#newline();
        this.#break(character);
        this.#indention = true;
        breaks = true;
      } else {
        if (breaks) this.indent(layout.indent);
        this.#put(character === "'" ? "''" : "");
        if (character !== "'") this.#character(character);
        this.#indention = false;
        spaces = false;
        breaks = false;
      }
    }
    this.indicator("'");
  }

  #doubleQuoted(text: string, layout: { readonly indent: number; readonly fold: boolean }): void {
    this.indicator('"', { space: true });
    const characters = Array.from(text);
    const last = characters.length - 1;
    // go-yaml v2 looks for the mark at the start of the text whatever the place, so one escapes all.
    const escapeAll = text.startsWith("\ufeff");
    let spaces = false;
    for (const [index, character] of characters.entries()) {
      if (escapeAll || mustEscape(character)) {
        this.#put(escapeCharacter(character));
        spaces = false;
      } else if (character === " ") {
        if (layout.fold && !spaces && this.#column > bestWidth && index > 0 && index < last) {
          this.indent(layout.indent);
          if (characters[index + 1] === " ") this.#put("\\");
        } else {
          this.#put(" ");
        }
        spaces = true;
      } else {
        this.#character(character);
        spaces = false;
      }
    }
    this.indicator('"');
  }

  #literal(text: string, indent: number): void {
    this.indicator("|", { space: true });
    this.indicator(blockHints(text));
    this.#newline();
    this.#indention = true;
    this.#whitespace = true;
    let breaks = true;
    for (const character of text) {
      if (isBreak(character)) {
        this.#break(character);
        this.#indention = true;
        breaks = true;
      } else {
        if (breaks) this.indent(indent);
        this.#character(character);
        this.#indention = false;
        breaks = false;
      }
    }
  }
}

/** Indentation digit where the text starts blank, `-` without and `+` with more than one final break. */
function blockHints(text: string): string {
  const indentation = text.startsWith(" ") || isBreak(text[0]) ? String(bestIndent) : "";
  if (!isBreak(text.at(-1))) return `${indentation}-`;
  return text.length === 1 || isBreak(text.at(-2)) ? `${indentation}+` : indentation;
}

function mustEscape(character: string): boolean {
  return character === '"' || character === "\\" || isBreak(character) || !isPrintable(character);
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

function escapeCharacter(character: string): string {
  const short = escapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const [letter, width]: [string, number] = code <= 0xff ? ["x", 2] : code <= 0xffff ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(width, "0")}`;
}
