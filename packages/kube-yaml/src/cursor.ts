import { YamlError, type YamlErrorCode } from "./errors.ts";

/** A place in a text: offset in UTF-16 units, line and column from 0. */
export interface Mark {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** End of text, as a character code that no text can hold. */
export const endOfText = 0;

/** The text being scanned and the place reached in it. Knows line breaks, nothing else of YAML. */
export class Cursor {
  readonly text: string;
  readonly source: string | undefined;
  offset = 0;
  line = 0;
  #lineStart = 0;
  readonly #defect: YamlError | undefined;

  /** `defect` is thrown when the scanner comes to the end of a text that was cut. */
  constructor(text: string, source: string | undefined, defect?: YamlError) {
    this.text = text;
    this.source = source;
    this.#defect = defect;
  }

  /** Blanks since the line's start; characters beyond the basic plane count twice, which no indentation sees. */
  get column(): number {
    return this.offset - this.#lineStart;
  }

  /** Code of the character `ahead` places on; `endOfText` past the end. */
  code(ahead = 0): number {
    const index = this.offset + ahead;
    return index < this.text.length ? this.text.charCodeAt(index) : this.#end();
  }

  #end(): number {
    if (this.#defect !== undefined) throw this.#defect;
    return endOfText;
  }

  mark(): Mark {
    return { offset: this.offset, line: this.line, column: this.column };
  }

  /** True where the text goes on with `word`. */
  startsWith(word: string): boolean {
    return this.text.startsWith(word, this.offset);
  }

  /** Passes one line break and returns what it stands for: carriage returns and next-line become a line feed. */
  readBreak(): string {
    const code = this.code();
    this.offset += code === 0x0d && this.code(1) === 0x0a ? 2 : 1;
    this.line++;
    this.#lineStart = this.offset;
    return code === 0x2028 ? "\u2028" : code === 0x2029 ? "\u2029" : "\n";
  }

  /** The end counts as a line of its own where the last line has no break. */
  endLine(): void {
    if (this.column === 0) return;
    this.line++;
    this.#lineStart = this.offset;
  }

  /** A scanner's error. go-yaml counts its lines from 1 and names none when the error stands on the first. */
  fail(problem: string, context?: Mark, code: YamlErrorCode = "syntax"): YamlError {
    const shown = this.line > 0 ? this.line + 1 : (context?.line ?? 0);
    return yamlError(problem, shown, { mark: this.mark(), source: this.source, code });
  }
}

/** Builds an error with the Go library's wording; `shownLine` is the line it would name, 0 for none. */
export function yamlError(
  problem: string,
  shownLine: number,
  place: { readonly mark?: Mark; readonly source?: string | undefined; readonly code?: YamlErrorCode },
): YamlError {
  const where = shownLine > 0 ? `line ${shownLine}: ` : "";
  return new YamlError(place.code ?? "syntax", `error converting YAML to JSON: yaml: ${where}${problem}`, {
    source: place.source,
    line: place.mark === undefined ? 0 : place.mark.line + 1,
    column: place.mark === undefined ? 0 : place.mark.column + 1,
  });
}

/** Line feed, carriage return, next line, line or paragraph separator. */
export function isBreakCode(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** Space or tab. */
export function isBlankCode(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Space, tab, line break or the end. */
export function isBlankOrEnd(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === endOfText || code === 0x09 || isBreakCode(code);
}
