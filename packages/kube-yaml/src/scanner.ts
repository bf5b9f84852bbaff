import { type Cursor, endOfText, isBlankOrEnd, isBreakCode, type Mark } from "./cursor.ts";
import { scanBlockScalar } from "./scan-block-scalar.ts";
import { atDocumentMarker, type ScannedScalar, scanPlain, scanQuoted } from "./scan-scalar.ts";
import { scanAnchorName, scanDirective, scanTag } from "./scan-tag.ts";
import type { Token, TokenKind } from "./token.ts";

/** A place that becomes a mapping key if a colon follows on the same line. */
interface SimpleKey {
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly mark: Mark;
}

/** A key on one line must show its colon within this many characters. */
const simpleKeyReach = 1024;

/**
 * Cuts YAML into tokens on demand, as libyaml does: block structure is told by indentation, and a key is only
 * known by the colon behind it, so tokens are held back until no key can start at the oldest of them.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #maxDepth: number;
  readonly #tokens: Token[] = [];
  #head = 0;
  #parsed = 0;
  #ended = false;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #simpleKeyAllowed = true;
  /** One place per flow level, the block level first. */
  readonly #simpleKeys: (SimpleKey | undefined)[] = [undefined];
  /** Flow levels by the number of the token that may be their key. */
  readonly #keyLevels = new Map<number, number>();
  /**
   * Number of the token that last was a possible key, per flow level; at first that of the bracket. go-yaml forgets it
   * when the level ends, so that empty brackets can be no key: `[]: x` is an error in block context.
   */
  readonly #lastKeys: number[] = [-1];

  constructor(cursor: Cursor, options: { readonly maxDepth: number }) {
    this.#cursor = cursor;
    this.#maxDepth = options.maxDepth;
  }

  /** The next token, left in place. */
  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    return this.#tokens[this.#head] as Token;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    if (token.kind !== "stream-end") {
      this.#head++;
      this.#parsed++;
      this.#dropTaken();
    }
    return token;
  }

  /** Taken tokens go in batches, since shifting one by one would cost the length of the queue. */
  #dropTaken(): void {
    if (this.#head < 1024) return;
    this.#tokens.splice(0, this.#head);
    this.#head = 0;
  }

  #needsMore(): boolean {
    if (this.#head === this.#tokens.length) return !this.#ended;
    const level = this.#keyLevels.get(this.#parsed);
    return level !== undefined && this.#isLive(level) && !this.#ended;
  }

  /** Drops a possible key that the cursor has left behind; throws when the place had to be a key. */
  #isLive(level: number): boolean {
    const key = this.#simpleKeys[level];
    if (key === undefined) return false;
    const { line, offset } = this.#cursor;
    if (key.mark.line >= line && key.mark.offset + simpleKeyReach >= offset) return true;
    if (key.required) throw this.#cursor.fail("could not find expected ':'", key.mark);
    this.#forgetKey(level);
    return false;
  }

  #forgetKey(level: number): void {
    const key = this.#simpleKeys[level];
    if (key !== undefined) this.#keyLevels.delete(key.tokenNumber);
    this.#simpleKeys[level] = undefined;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unroll(cursor.column);
    const isMarker = atDocumentMarker(cursor);
    const code = cursor.code();
    if (code === endOfText) return this.#streamEnd();
    if (cursor.column === 0 && code === 0x25) return this.#directive();
    if (isMarker) return this.#documentMarker();
    const indicator = this.#indicator(code);
    if (indicator !== undefined) return indicator();
    if (this.#startsPlain(code)) return this.#plain();
    throw cursor.fail("found character that cannot start any token", cursor.mark());
  }

  /** What to do at a character that is an indicator here. */
  #indicator(code: number): (() => void) | undefined {
    const flow = this.#flowLevel > 0;
    const spaced = isBlankOrEnd(this.#cursor.code(1));
    if (code === 0x5b) return () => this.#flowStart("flow-sequence-start");
    if (code === 0x7b) return () => this.#flowStart("flow-mapping-start");
    if (code === 0x5d) return () => this.#flowEnd("flow-sequence-end");
    if (code === 0x7d) return () => this.#flowEnd("flow-mapping-end");
    if (code === 0x2c) return () => this.#flowEntry();
    if (code === 0x2d && spaced) return () => this.#blockEntry();
    if (code === 0x3f && (flow || spaced)) return () => this.#key();
    if (code === 0x3a && (flow || spaced)) return () => this.#value();
    if (code === 0x2a) return () => this.#anchor("alias");
    if (code === 0x26) return () => this.#anchor("anchor");
    if (code === 0x21) return () => this.#tag();
    if ((code === 0x7c || code === 0x3e) && !flow) return () => this.#blockScalar();
    if (code === 0x27 || code === 0x22) return () => this.#quoted(code === 0x27);
    return undefined;
  }

  #startsPlain(code: number): boolean {
    const next = this.#cursor.code(1);
    if (code === 0x2d) return next !== 0x20 && next !== 0x09;
    if (code === 0x3f || code === 0x3a) return this.#flowLevel === 0 && !isBlankOrEnd(next);
    return !isBlankOrEnd(code) && !"#|>%@`".includes(String.fromCharCode(code));
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      const tab = this.#flowLevel > 0 || !this.#simpleKeyAllowed ? 0x09 : 0x20;
      for (let code = cursor.code(); code === 0x20 || code === tab; code = cursor.code()) cursor.offset++;
      if (cursor.code() === 0x23) {
        while (cursor.code() !== endOfText && !isBreakCode(cursor.code())) cursor.offset++;
      }
      if (!isBreakCode(cursor.code())) return;
      cursor.readBreak();
      if (this.#flowLevel === 0) this.#simpleKeyAllowed = true;
    }
  }

  #push(kind: TokenKind, start: Mark, parts: Partial<Token> = {}): void {
    this.#tokens.push(newToken(kind, start, { end: this.#cursor.offset, ...parts }));
  }

  /** Passes an indicator of `length` characters and makes its token. */
  #pushIndicator(kind: TokenKind, length = 1): void {
    const start = this.#cursor.mark();
    this.#cursor.offset += length;
    this.#push(kind, start);
  }

  #unroll(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#push("block-end", this.#cursor.mark());
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  /** Opens a block collection where the column is deeper than the current one. */
  #roll(
    column: number,
    kind: TokenKind,
    place: { readonly mark: Mark; readonly tokenNumber?: number },
  ): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#checkDepth(this.#indents.length);
    const token = newToken(kind, place.mark, { end: place.mark.offset });
    if (place.tokenNumber === undefined) this.#tokens.push(token);
    else this.#insert(place.tokenNumber, token);
  }

  /** Puts a token in front of one that is still held back; behind all when that one was handed out already. */
  #insert(tokenNumber: number, token: Token): void {
    const place = tokenNumber - this.#parsed;
    if (place < 0) this.#tokens.push(token);
    else this.#tokens.splice(this.#head + place, 0, token);
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#maxDepth) return;
    throw this.#cursor.fail(
      `exceeded max depth of ${this.#maxDepth}`,
      this.#simpleKeys.at(-1)?.mark,
      "limit",
    );
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return;
    this.#removeSimpleKey();
    const tokenNumber = this.#nextTokenNumber();
    const level = this.#simpleKeys.length - 1;
    this.#keyLevels.set(tokenNumber, level);
    this.#lastKeys[level] = tokenNumber;
    this.#simpleKeys[level] = {
      tokenNumber,
      required: this.#flowLevel === 0 && this.#indent === this.#cursor.column,
      mark: this.#cursor.mark(),
    };
  }

  #nextTokenNumber(): number {
    return this.#parsed + this.#tokens.length - this.#head;
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKeys.at(-1);
    if (key?.required === true) throw this.#cursor.fail("could not find expected ':'", key.mark);
    this.#forgetKey(this.#simpleKeys.length - 1);
  }

  #streamEnd(): void {
    this.#cursor.endLine();
    this.#closeBlock();
    this.#push("stream-end", this.#cursor.mark());
    this.#ended = true;
  }

  /** Before anything that belongs to no block: all collections end, and no key may start. */
  #closeBlock(): void {
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
  }

  #directive(): void {
    this.#closeBlock();
    const start = this.#cursor.mark();
    const directive = scanDirective(this.#cursor);
    if (directive.kind === "version") this.#push("version-directive", start, { value: directive.version });
    else this.#push("tag-directive", start, { handle: directive.handle, value: directive.prefix });
  }

  #documentMarker(): void {
    this.#closeBlock();
    this.#pushIndicator(this.#cursor.code() === 0x2d ? "document-start" : "document-end", 3);
  }

  #flowStart(kind: TokenKind): void {
    this.#saveSimpleKey();
    this.#simpleKeys.push(undefined);
    this.#lastKeys.push(this.#nextTokenNumber());
    this.#flowLevel++;
    this.#checkDepth(this.#flowLevel);
    this.#simpleKeyAllowed = true;
    this.#pushIndicator(kind);
  }

  #flowEnd(kind: TokenKind): void {
    this.#removeSimpleKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#simpleKeys.pop();
      this.#keyLevels.delete(this.#lastKeys.pop() ?? -1);
    }
    this.#simpleKeyAllowed = false;
    this.#pushIndicator(kind);
  }

  #flowEntry(): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#pushIndicator("flow-entry");
  }

  #blockEntry(): void {
    if (this.#flowLevel === 0)
      this.#startBlock("block-sequence-start", "block sequence entries are not allowed");
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#pushIndicator("block-entry");
  }

  #key(): void {
    if (this.#flowLevel === 0) this.#startBlock("block-mapping-start", "mapping keys are not allowed");
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = this.#flowLevel === 0;
    this.#pushIndicator("key");
  }

  #startBlock(kind: TokenKind, refusal: string): void {
    const mark = this.#cursor.mark();
    if (!this.#simpleKeyAllowed) throw this.#cursor.fail(`${refusal} in this context`, mark);
    this.#roll(mark.column, kind, { mark });
  }

  #value(): void {
    const level = this.#simpleKeys.length - 1;
    const key = this.#isLive(level) ? this.#simpleKeys[level] : undefined;
    if (key !== undefined) {
      this.#insert(key.tokenNumber, newToken("key", key.mark, { end: key.mark.offset }));
      this.#roll(key.mark.column, "block-mapping-start", key);
      this.#forgetKey(level);
      this.#simpleKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) this.#startBlock("block-mapping-start", "mapping values are not allowed");
      this.#simpleKeyAllowed = this.#flowLevel === 0;
    }
    this.#pushIndicator("value");
  }

  #anchor(kind: "alias" | "anchor"): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const start = this.#cursor.mark();
    this.#push(kind, start, { value: scanAnchorName(this.#cursor), end: this.#cursor.offset });
  }

  #tag(): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const start = this.#cursor.mark();
    const { handle, suffix } = scanTag(this.#cursor);
    this.#push("tag", start, { handle, value: suffix });
  }

  #blockScalar(): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    const start = this.#cursor.mark();
    this.#pushScalar(start, scanBlockScalar(this.#cursor, this.#indent), false);
  }

  #quoted(single: boolean): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const start = this.#cursor.mark();
    this.#pushScalar(start, scanQuoted(this.#cursor, single), false);
  }

  #plain(): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const start = this.#cursor.mark();
    const scalar = scanPlain(this.#cursor, this.#indent + 1, this.#flowLevel > 0);
    if (scalar.multiline) this.#simpleKeyAllowed = true;
    this.#pushScalar(start, scalar, true);
  }

  #pushScalar(start: Mark, scalar: ScannedScalar, plain: boolean): void {
    this.#push("scalar", start, { value: scalar.value, end: scalar.end, plain });
  }
}

function newToken(kind: TokenKind, start: Mark, parts: Partial<Token> & { readonly end: number }): Token {
  const { end, value = "", handle = "", plain = false } = parts;
  return { kind, start, end, value, handle, plain };
}
