import { type ByteString, decodeRune } from "../text/byte-string.ts";
import { quote, quoteRune } from "../text/quote.ts";
import { isDigit, isLetter, isPrint } from "../text/unicode.ts";

const keywords = [
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "nil",
  "range",
  "template",
  "with",
] as const;

/** What a token is; keywords and the dot are kinds of their own. */
export type TokenKind =
  | (typeof keywords)[number]
  | "."
  | "error"
  | "eof"
  | "text"
  | "left delimiter"
  | "right delimiter"
  | "space"
  | "bool"
  | "character"
  | "char constant"
  | "complex"
  | "number"
  | "="
  | ":="
  | "|"
  | "("
  | ")"
  | "field"
  | "identifier"
  | "variable"
  | "string"
  | "raw string";

/** One piece of a template's text. For an error, `text` is the message. */
export interface Token {
  readonly kind: TokenKind;
  /** Byte offset of the start. */
  readonly pos: number;
  readonly text: ByteString;
  /** Line of the start, counted from 1. */
  readonly line: number;
}

const keywordKinds: ReadonlySet<string> = new Set<string>([...keywords, "."]);

/** Tells keywords, which messages show as `<name>`. */
export function isKeyword(kind: TokenKind): boolean {
  return keywordKinds.has(kind);
}

const end = -1;
const spaceChars = " \t\r\n";

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}

function isWordRune(rune: number): boolean {
  return rune === 95 || isLetter(rune) || isDigit(rune);
}

function showRune(rune: number): string {
  const code = rune.toString(16).toUpperCase().padStart(4, "0");
  return isPrint(rune) ? `U+${code} ${showPrintable(rune)}` : `U+${code}`;
}

function showPrintable(rune: number): string {
  return rune === 39 || rune === 92 ? `'${String.fromCharCode(rune)}'` : quoteRune(rune);
}

/** Cuts a template's text into tokens, one per call of {@link Lexer.next}. */
export class Lexer {
  readonly #input: ByteString;
  #pos = 0;
  #start = 0;
  #line = 1;
  #startLine = 1;
  /** Offset of the first line end not yet counted. */
  #newline: number;
  #parens = 0;
  #inAction = false;
  #failed = false;

  constructor(input: ByteString) {
    this.#input = input;
    this.#newline = this.#findNewline(0);
  }

  /** The next token; after an error or the end always `eof`. */
  next(): Token {
    if (this.#failed) return { kind: "eof", pos: 0, text: "EOF", line: this.#startLine };
    return this.#inAction ? this.#lexAction() : this.#lexText();
  }

  /** Moves the start of the next token to the current position and counts the lines passed over. */
  #emit(kind: TokenKind): Token {
    const text = this.#input.slice(this.#start, this.#pos);
    const token: Token = { kind, pos: this.#start, text, line: this.#startLine };
    this.#skip();
    return token;
  }

  #findNewline(from: number): number {
    const at = this.#input.indexOf("\n", from);
    return at < 0 ? Infinity : at;
  }

  #skip(): void {
    while (this.#newline < this.#pos) {
      this.#line++;
      this.#newline = this.#findNewline(this.#newline + 1);
    }
    this.#start = this.#pos;
    this.#startLine = this.#line;
  }

  #fail(message: ByteString): Token {
    this.#failed = true;
    return { kind: "error", pos: this.#start, text: message, line: this.#startLine };
  }

  #peek(): number {
    if (this.#pos >= this.#input.length) return end;
    const code = this.#input.charCodeAt(this.#pos);
    return code < 0x80 ? code : decodeRune(this.#input, this.#pos).rune;
  }

  #advance(): number {
    if (this.#pos >= this.#input.length) return end;
    const code = this.#input.charCodeAt(this.#pos);
    if (code < 0x80) {
      this.#pos++;
      return code;
    }
    const { rune, size } = decodeRune(this.#input, this.#pos);
    this.#pos += size;
    return rune;
  }

  #startsWith(text: string, at: number = this.#pos): boolean {
    return this.#input.startsWith(text, at);
  }

  /** `-` with a blank on the inner side, as in `{{- ` and ` -}}`. */
  #leftTrim(at: number): boolean {
    return this.#input[at] === "-" && isBlank(this.#input.charCodeAt(at + 1));
  }

  #rightTrim(at: number): boolean {
    return isBlank(this.#input.charCodeAt(at)) && this.#input[at + 1] === "-";
  }

  #lexText(): Token {
    for (;;) {
      const open = this.#input.indexOf("{{", this.#pos);
      if (open < 0) {
        this.#pos = this.#input.length;
        return this.#start < this.#pos ? this.#emit("text") : this.#emitEof();
      }
      if (open > this.#pos) {
        let textEnd = open;
        if (this.#leftTrim(open + 2)) {
          while (textEnd > this.#start && spaceChars.includes(this.#input[textEnd - 1] ?? "")) textEnd--;
        }
        this.#pos = textEnd;
        const token = textEnd > this.#start ? this.#emit("text") : undefined;
        this.#pos = open;
        this.#skip();
        if (token !== undefined) return token;
      }
      const token = this.#lexLeftDelimiter();
      if (token !== undefined) return token;
    }
  }

  #emitEof(): Token {
    return { kind: "eof", pos: this.#pos, text: "EOF", line: this.#startLine };
  }

  /** The opening delimiter, or nothing when it begins a comment, which is skipped. */
  #lexLeftDelimiter(): Token | undefined {
    this.#pos += 2;
    const inner = this.#leftTrim(this.#pos) ? this.#pos + 2 : this.#pos;
    if (this.#startsWith("/*", inner)) {
      this.#pos = inner;
      this.#skip();
      return this.#skipComment();
    }
    const token = this.#emit("left delimiter");
    this.#pos = inner;
    this.#skip();
    this.#inAction = true;
    this.#parens = 0;
    return token;
  }

  #skipComment(): Token | undefined {
    const close = this.#input.indexOf("*/", this.#pos + 2);
    if (close < 0) return this.#fail("unclosed comment");
    this.#pos = close + 2;
    const delimiter = this.#rightDelimiter();
    if (delimiter === undefined) return this.#fail("comment ends before closing delimiter");
    this.#pos = delimiter.end;
    if (delimiter.trims) this.#skipBlanks();
    this.#skip();
    return undefined;
  }

  #skipBlanks(): void {
    while (isBlank(this.#input.charCodeAt(this.#pos))) this.#pos++;
  }

  #rightDelimiter(): { readonly trims: boolean; readonly end: number } | undefined {
    if (this.#rightTrim(this.#pos) && this.#startsWith("}}", this.#pos + 2)) {
      return { trims: true, end: this.#pos + 4 };
    }
    return this.#startsWith("}}") ? { trims: false, end: this.#pos + 2 } : undefined;
  }

  #lexRightDelimiter(delimiter: { readonly trims: boolean; readonly end: number }): Token {
    this.#pos = delimiter.end - 2;
    this.#skip();
    this.#pos = delimiter.end;
    const token = this.#emit("right delimiter");
    if (delimiter.trims) {
      this.#skipBlanks();
      this.#skip();
    }
    this.#inAction = false;
    return token;
  }

  #lexAction(): Token {
    const delimiter = this.#rightDelimiter();
    if (delimiter !== undefined) {
      return this.#parens === 0 ? this.#lexRightDelimiter(delimiter) : this.#fail("unclosed left paren");
    }
    const rune = this.#peek();
    if (rune === end) return this.#fail("unclosed action");
    if (isBlank(rune)) return this.#lexSpace();
    const character = rune < 0x80 ? String.fromCharCode(rune) : "";
    // At the very end Go takes the dot for a number.
    if (character === "." && !/[0-9]/.test(this.#input[this.#pos + 1] ?? "0")) return this.#lexName("field");
    if (/[.+\-0-9]/.test(character)) return this.#lexNumber();
    if (isWordRune(rune)) return this.#lexIdentifier();
    this.#advance();
    switch (character) {
      case "=":
      case "|":
        return this.#emit(character);
      case ":":
        return this.#advance() === 61 ? this.#emit(":=") : this.#fail("expected :=");
      case '"':
        return this.#lexQuoted('"', "string", "unterminated quoted string");
      case "'":
        return this.#lexQuoted("'", "char constant", "unterminated character constant");
      case "`":
        return this.#lexRawString();
      case "$":
        this.#pos--;
        return this.#lexName("variable");
      case "(":
        this.#parens++;
        return this.#emit("(");
      case ")":
        return --this.#parens < 0 ? this.#fail("unexpected right paren") : this.#emit(")");
      default:
        if (rune < 0x80 && isPrint(rune)) return this.#emit("character");
        return this.#fail(`unrecognized character in action: ${showRune(rune)}`);
    }
  }

  /** Blanks, but not the one that belongs to a closing ` -}}`. */
  #lexSpace(): Token {
    const from = this.#pos;
    this.#skipBlanks();
    const last = this.#pos - 1;
    if (this.#rightTrim(last) && this.#startsWith("}}", last + 2)) {
      this.#pos = last;
      if (last === from) return this.#lexRightDelimiter({ trims: true, end: last + 4 });
    }
    return this.#emit("space");
  }

  #atTerminator(): boolean {
    const rune = this.#peek();
    if (rune === end || isBlank(rune)) return true;
    return ".,|:()".includes(String.fromCodePoint(rune)) || this.#startsWith("}}");
  }

  #skipWord(): void {
    while (isWordRune(this.#peek())) this.#advance();
  }

  #badCharacter(): Token {
    return this.#fail(`bad character ${showRune(this.#peek())}`);
  }

  /** A field or variable; its first character has been seen. */
  #lexName(kind: "field" | "variable"): Token {
    this.#pos++;
    if (this.#atTerminator()) return this.#emit(kind === "field" ? "." : kind);
    this.#skipWord();
    return this.#atTerminator() ? this.#emit(kind) : this.#badCharacter();
  }

  #lexIdentifier(): Token {
    this.#skipWord();
    if (!this.#atTerminator()) return this.#badCharacter();
    const word = this.#input.slice(this.#start, this.#pos);
    if (word === "true" || word === "false") return this.#emit("bool");
    return this.#emit(keywordKinds.has(word) ? (word as TokenKind) : "identifier");
  }

  #lexQuoted(mark: string, kind: TokenKind, message: string): Token {
    for (;;) {
      const rune = this.#advance();
      const escaped = rune === 92 ? this.#advance() : rune;
      if (escaped === end || escaped === 10) return this.#fail(message);
      if (rune === mark.charCodeAt(0)) return this.#emit(kind);
    }
  }

  #lexRawString(): Token {
    const close = this.#input.indexOf("`", this.#pos);
    if (close < 0) {
      this.#pos = this.#input.length;
      return this.#fail("unterminated raw quoted string");
    }
    this.#pos = close + 1;
    return this.#emit("raw string");
  }

  #lexNumber(): Token {
    let kind: TokenKind = "number";
    let good = this.#scanNumber();
    if (good && /[+-]/.test(this.#input[this.#pos] ?? "")) {
      kind = "complex";
      good = this.#scanNumber() && this.#input[this.#pos - 1] === "i";
    }
    if (good) return this.#emit(kind);
    return this.#fail(`bad number syntax: ${quote(this.#input.slice(this.#start, this.#pos))}`);
  }

  #accept(pattern: RegExp): boolean {
    pattern.lastIndex = this.#pos;
    const found = pattern.exec(this.#input);
    if (found === null || found[0] === "") return false;
    this.#pos += found[0].length;
    return true;
  }

  /** Scans loosely, as Go does: what gets past is judged when the number is read. */
  #scanNumber(): boolean {
    this.#accept(/[+-]/y);
    let digits = /[0-9_]*/y;
    if (this.#accept(/0[xX]/y)) digits = /[0-9a-fA-F_]*/y;
    else if (this.#accept(/0[oO]/y)) digits = /[0-7_]*/y;
    else if (this.#accept(/0[bB]/y)) digits = /[01_]*/y;
    this.#accept(digits);
    if (this.#accept(/\./y)) this.#accept(digits);
    if (digits.source === "[0-9_]*") this.#accept(/[eE][+-]?[0-9_]*/y);
    if (digits.source === "[0-9a-fA-F_]*") this.#accept(/[pP][+-]?[0-9_]*/y);
    this.#accept(/i/y);
    if (!isWordRune(this.#peek())) return true;
    this.#advance();
    return false;
  }
}
