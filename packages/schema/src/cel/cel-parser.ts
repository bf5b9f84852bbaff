import type { CelExpr, CelMapExpr } from "./cel-ast.ts";
import { CelCompileError, type CelIssue } from "./cel-error.ts";
import { tokenizeCel, type CelToken } from "./cel-lexer.ts";
import { expandCall, MacroError } from "./cel-macros.ts";
import { bool, int, nullType, double } from "./cel-type.ts";

/** Most nested expressions, and most operators in a row, as bounds for the stack. */
const maxDepth = 250;
const maxChain = 1000;
/** Most code points of an expression. */
const maxLength = 100_000;

const reserved: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
const keywords: ReadonlySet<string> = new Set(["in", "true", "false", "null"]);
const relations: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!=", "in"]);

/** Which syntax beyond the standard is read. */
export interface CelSyntax {
  /** `a.?b`, `a[?b]`, `[?a]`, `{?a: b}`, and the macros `optMap` and `optFlatMap`. Default false. */
  readonly optionals?: boolean;
}

/**
 * Parses an expression and expands its macros.
 *
 * @throws CelCompileError with cel-go's report for the first mistake; only the wording of syntax
 * errors, which ANTLR makes there, differs.
 */
export function parseCel(source: string, syntax: CelSyntax = {}): CelExpr {
  try {
    const length = Array.from(source).length;
    if (length > maxLength) {
      throw new ParseFailure({
        offset: 0,
        message: `expression code point size exceeds limit: size: ${length}, limit ${maxLength}`,
      });
    }
    return new CelParser(tokenizeCel(source), syntax).parse();
  } catch (failure) {
    if (failure instanceof ParseFailure) throw new CelCompileError(source, [failure.issue]);
    throw failure;
  }
}

class ParseFailure extends Error {
  readonly issue: CelIssue;

  constructor(issue: CelIssue) {
    super(issue.message);
    this.issue = issue;
  }
}

class CelParser {
  readonly #tokens: readonly CelToken[];
  readonly #syntax: CelSyntax;
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly CelToken[], syntax: CelSyntax) {
    this.#tokens = tokens;
    this.#syntax = syntax;
  }

  parse(): CelExpr {
    const expr = this.#expression();
    if (this.#peek().kind !== "end") throw this.#unexpected("<EOF>");
    return expr;
  }

  #peek(): CelToken {
    return this.#tokens[this.#position]!;
  }

  #next(): CelToken {
    return this.#tokens[this.#position++]!;
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek();
    return token.kind === "symbol" && token.text === text;
  }

  #take(text: string): CelToken | undefined {
    return this.#isSymbol(text) ? this.#next() : undefined;
  }

  #expect(text: string): CelToken {
    if (!this.#isSymbol(text)) throw this.#unexpected(`'${text}'`);
    return this.#next();
  }

  #unexpected(expecting: string): ParseFailure {
    const { kind, text, offset } = this.#peek();
    const message = kind === "bad" ? text : `Syntax error: mismatched input '${text}' expecting ${expecting}`;
    return new ParseFailure({ offset, message });
  }

  #expression(): CelExpr {
    if (++this.#depth > maxDepth) throw this.#tooDeep();
    const condition = this.#disjunction();
    const mark = this.#take("?");
    let result = condition;
    if (mark !== undefined) {
      const yes = this.#disjunction();
      this.#expect(":");
      const no = this.#expression();
      result = { kind: "call", name: "_?_:_", args: [condition, yes, no], offset: mark.offset };
    }
    this.#depth--;
    return result;
  }

  #tooDeep(): ParseFailure {
    return new ParseFailure({
      offset: this.#peek().offset,
      message: `expression recursion limit exceeded: ${maxDepth}`,
    });
  }

  #disjunction(): CelExpr {
    return this.#logical("||", () => this.#logical("&&", () => this.#relation()));
  }

  /** A chain of one logical operator becomes a balanced tree, which keeps evaluation shallow. */
  #logical(symbol: string, operand: () => CelExpr): CelExpr {
    const terms = [operand()];
    const offsets: number[] = [];
    for (let token = this.#take(symbol); token !== undefined; token = this.#take(symbol)) {
      offsets.push(token.offset);
      terms.push(operand());
    }
    const balance = (from: number, to: number): CelExpr => {
      if (from === to) return terms[from]!;
      const middle = Math.floor((from + to) / 2);
      const args = [balance(from, middle), balance(middle + 1, to)];
      return { kind: "call", name: `_${symbol}_`, args, offset: offsets[middle]! };
    };
    return balance(0, terms.length - 1);
  }

  #relation(): CelExpr {
    const isRelation = ({ kind, text }: CelToken): boolean =>
      relations.has(text) && (kind === "symbol" || kind === "ident");
    return this.#binary(isRelation, () => this.#sum());
  }

  #sum(): CelExpr {
    const isSum = ({ kind, text }: CelToken): boolean => kind === "symbol" && (text === "+" || text === "-");
    const isProduct = ({ kind, text }: CelToken): boolean => kind === "symbol" && "*/%".includes(text);
    return this.#binary(isSum, () => this.#binary(isProduct, () => this.#unary()));
  }

  #binary(isOperator: (token: CelToken) => boolean, operand: () => CelExpr): CelExpr {
    let left = operand();
    for (let count = 0; isOperator(this.#peek()); count++) {
      if (count > maxChain) throw this.#tooDeep();
      const { text, offset } = this.#next();
      const name = text === "in" ? "@in" : `_${text}_`;
      left = { kind: "call", name, args: [left, operand()], offset };
    }
    return left;
  }

  #unary(): CelExpr {
    const first = this.#peek();
    if (first.kind !== "symbol" || (first.text !== "!" && first.text !== "-")) return this.#member();
    const symbol = first.text;
    let count = 0;
    while (this.#isSymbol(symbol)) {
      this.#next();
      count++;
    }
    // The sign belongs to a number literal that follows, so that the least integer can be written.
    if (symbol === "-" && this.#isNumber()) {
      this.#position--;
      count--;
    }
    const operand = this.#member();
    // Pairs cancel each other out.
    return count % 2 === 0
      ? operand
      : { kind: "call", name: `${symbol}_`, args: [operand], offset: first.offset };
  }

  #isNumber(ahead = 0): boolean {
    const type = this.#tokens[this.#position + ahead]?.type;
    return type === int || type === double;
  }

  #member(): CelExpr {
    let expr = this.#primary();
    for (let count = 0; ; count++) {
      if (count > maxChain) throw this.#tooDeep();
      const dot = this.#take(".");
      if (dot !== undefined) {
        expr = this.#field(expr, dot);
        continue;
      }
      const open = this.#take("[");
      if (open === undefined) return expr;
      const optional = this.#optional("[?", open);
      const index = this.#expression();
      this.#expect("]");
      expr = { kind: "call", name: optional ? "_[?_]" : "_[_]", args: [expr, index], offset: open.offset };
    }
  }

  #field(operand: CelExpr, dot: CelToken): CelExpr {
    const optional = this.#optional(".?", dot);
    const name = this.#peek();
    if (name.kind !== "escaped" && (name.kind !== "ident" || keywords.has(name.text))) {
      throw this.#unexpected("IDENTIFIER");
    }
    this.#next();
    const open = name.kind === "ident" && !optional ? this.#take("(") : undefined;
    if (open === undefined) {
      return { kind: "select", operand, field: name.text, test: false, optional, offset: dot.offset };
    }
    return this.#call({ name: name.text, target: operand, args: this.#list(")"), offset: open.offset });
  }

  #call(call: { name: string; target?: CelExpr; args: CelExpr[]; offset: number }): CelExpr {
    try {
      return expandCall({ kind: "call", ...call }, this.#syntax);
    } catch (failure) {
      if (failure instanceof MacroError) throw new ParseFailure(failure);
      throw failure;
    }
  }

  #optional(text: string, at: CelToken): boolean {
    if (!this.#isSymbol("?")) return false;
    if (this.#syntax.optionals !== true) {
      throw new ParseFailure({ offset: at.offset, message: `unsupported syntax '${text}'` });
    }
    this.#next();
    return true;
  }

  #primary(): CelExpr {
    const token = this.#peek();
    const { kind, text, offset } = token;
    if (kind === "literal") return this.#literal(false);
    if (kind === "symbol") {
      if (text === "-" && this.#isNumber(1)) {
        this.#next();
        return this.#literal(true);
      }
      if (text === "(") return this.#parenthesis();
      if (text === "[") return this.#listLiteral();
      if (text === "{") return this.#mapLiteral();
      if (text === ".") {
        this.#next();
        return this.#identifier(offset, ".");
      }
    }
    if (kind !== "ident" || text === "in") throw this.#unexpected("an expression");
    return this.#identifier(offset, "");
  }

  #parenthesis(): CelExpr {
    this.#expect("(");
    const inner = this.#expression();
    this.#expect(")");
    return inner;
  }

  #literal(negative: boolean): CelExpr {
    const { value, type, offset } = this.#next();
    const signed = negative && (typeof value === "bigint" || typeof value === "number") ? -value : value!;
    if (typeof signed === "bigint" && signed !== BigInt.asIntN(64, signed)) {
      throw new ParseFailure({ offset: negative ? offset - 1 : offset, message: "invalid int literal" });
    }
    return { kind: "literal", value: signed, type: type!, offset };
  }

  #identifier(offset: number, dot: string): CelExpr {
    const token = this.#peek();
    if (token.kind !== "ident" || (dot !== "" && keywords.has(token.text)))
      throw this.#unexpected("IDENTIFIER");
    const { text } = this.#next();
    if (text === "true" || text === "false")
      return { kind: "literal", value: text === "true", type: bool, offset };
    if (text === "null") return { kind: "literal", value: null, type: nullType, offset };
    if (reserved.has(text)) throw new ParseFailure({ offset, message: `reserved identifier: ${text}` });
    const open = this.#take("(");
    if (open === undefined) return { kind: "ident", name: dot + text, offset };
    return this.#call({ name: dot + text, args: this.#list(")"), offset: open.offset });
  }

  #list(close: string): CelExpr[] {
    const items: CelExpr[] = [];
    while (!this.#isSymbol(close)) {
      items.push(this.#expression());
      if (this.#take(",") === undefined) break;
      if (close === ")" && this.#isSymbol(close)) throw this.#unexpected("an expression");
    }
    this.#expect(close);
    return items;
  }

  #listLiteral(): CelExpr {
    const { offset } = this.#expect("[");
    const elements: CelExpr[] = [];
    const optional = new Set<number>();
    while (!this.#isSymbol("]")) {
      if (this.#optional("?", this.#peek())) optional.add(elements.length);
      elements.push(this.#expression());
      if (this.#take(",") === undefined) break;
    }
    this.#expect("]");
    return { kind: "list", elements, optional, offset };
  }

  #mapLiteral(): CelExpr {
    const { offset } = this.#expect("{");
    const entries: CelMapExpr["entries"][number][] = [];
    while (!this.#isSymbol("}")) {
      const optional = this.#optional("?", this.#peek());
      const key = this.#expression();
      this.#expect(":");
      entries.push({ key, value: this.#expression(), optional });
      if (this.#take(",") === undefined) break;
    }
    this.#expect("}");
    return { kind: "map", entries, offset };
  }
}
