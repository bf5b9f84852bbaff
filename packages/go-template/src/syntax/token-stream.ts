import { TemplateError } from "../errors.ts";
import { type ByteString, decodeText, firstRunes } from "../text/byte-string.ts";
import { quote } from "../text/quote.ts";
import { isKeyword, type Lexer, type Token, type TokenKind } from "./lexer.ts";
import type { Source } from "./node.ts";

function show(token: Token): ByteString {
  if (token.kind === "eof") return "EOF";
  if (token.kind === "error") return token.text;
  if (isKeyword(token.kind)) return `<${token.text}>`;
  if (token.text.length <= 10) return quote(token.text);
  return `${quote(firstRunes(token.text, 10))}...`;
}

/** Tokens of one template with push-back, and the errors that name its last line. */
export class TokenStream {
  readonly source: Source;
  readonly #lexer: Lexer;
  readonly #pushed: Token[] = [];
  #lastLine = 0;
  /** Line of the delimiter that began the current action, 0 outside of actions. */
  actionLine = 0;

  constructor(source: Source, lexer: Lexer) {
    this.source = source;
    this.#lexer = lexer;
  }

  next(): Token {
    const pushed = this.#pushed.pop();
    if (pushed !== undefined) return pushed;
    const token = this.#lexer.next();
    this.#lastLine = token.line;
    return token;
  }

  /** Gives tokens back, so that the last argument comes first again. */
  pushBack(...tokens: Token[]): void {
    this.#pushed.push(...tokens);
  }

  peek(): Token {
    const token = this.next();
    this.#pushed.push(token);
    return token;
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.kind === "space") token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.#pushed.push(token);
    return token;
  }

  expect(kinds: readonly TokenKind[], context: string): Token {
    const token = this.nextNonSpace();
    return kinds.includes(token.kind) ? token : this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== "error") this.fail(`unexpected ${show(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) this.fail(token.text);
    const started = `started at ${this.source.name}:${this.actionLine}`;
    return this.fail(`${token.text}${token.text.endsWith(" action") ? "" : " in action"} ${started}`);
  }

  fail(message: ByteString): never {
    const { name } = this.source;
    throw new TemplateError("parse", decodeText(`template: ${name}:${this.#lastLine}: ${message}`), {
      templateName: decodeText(name),
      line: this.#lastLine,
    });
  }
}
