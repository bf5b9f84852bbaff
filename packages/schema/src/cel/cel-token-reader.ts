import type { CelIssue } from "./cel-error.ts";
import type { CelToken } from "./cel-lexer.ts";
import { double, int } from "./cel-type.ts";

/** A mistake after which an expression cannot be read on. */
export class ParseFailure extends Error {
  readonly issue: CelIssue;

  constructor(issue: CelIssue) {
    super(issue.message);
    this.issue = issue;
  }
}

/** Walks over the tokens of an expression. */
export class CelTokenReader {
  readonly #tokens: readonly CelToken[];
  #position = 0;

  constructor(tokens: readonly CelToken[]) {
    this.#tokens = tokens;
  }

  /** The token that comes next, or `ahead` tokens later; the last one for ever. */
  peek(ahead = 0): CelToken {
    return this.#tokens[this.#position + ahead] ?? this.#tokens.at(-1)!;
  }

  /** Reads a token. */
  next(): CelToken {
    const token = this.peek();
    this.#position++;
    return token;
  }

  /** Passes over tokens; over fewer than none to go back. */
  skip(count: number): void {
    this.#position += count;
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === text;
  }

  /** Whether a number follows that a sign may belong to. */
  isNumber(ahead = 0): boolean {
    const { type } = this.peek(ahead);
    return type === int || type === double;
  }

  /** Reads a symbol if it comes next. */
  take(text: string): CelToken | undefined {
    return this.isSymbol(text) ? this.next() : undefined;
  }

  /**
   * Reads a symbol.
   *
   * @throws ParseFailure when something else comes.
   */
  expect(text: string): CelToken {
    if (!this.isSymbol(text)) throw this.unexpected(`'${text}'`);
    return this.next();
  }

  /** The failure for a token that may not stand where it does. */
  unexpected(expecting: string): ParseFailure {
    const { kind, text, offset } = this.peek();
    const message = kind === "bad" ? text : `Syntax error: mismatched input '${text}' expecting ${expecting}`;
    return new ParseFailure({ offset, message });
  }
}
