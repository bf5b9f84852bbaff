import type { CelExpr, CelMapExpr } from "./cel-ast.ts";
import { CelCompileError, type CelIssue } from "./cel-error.ts";
import { tokenizeCel, type CelToken } from "./cel-lexer.ts";
import { expandCall, MacroError } from "./cel-macros.ts";
import { CelTokenReader, ParseFailure } from "./cel-token-reader.ts";
import { bool, error, nullType } from "./cel-type.ts";

/** Most nested expressions, and most operators in a row. */
const maxDepth = 250;
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
 * @throws CelCompileError with cel-go's report of all mistakes up to the first syntax error; only the wording
 * of syntax errors, which ANTLR makes there, differs.
 */
export function parseCel(source: string, syntax: CelSyntax = {}): CelExpr {
  const length = Array.from(source).length;
  if (length > maxLength) {
    const message = `expression code point size exceeds limit: size: ${length}, limit ${maxLength}`;
    throw new CelCompileError(source, [{ offset: -1, message }]);
  }
  const parser = new CelParser(tokenizeCel(source), syntax);
  let expr: CelExpr | undefined;
  try {
    expr = parser.parse();
  } catch (failure) {
    if (!(failure instanceof ParseFailure)) throw failure;
    parser.issues.push(failure.issue);
  }
  if (expr === undefined || parser.issues.length > 0) throw new CelCompileError(source, parser.issues);
  return expr;
}

class CelParser {
  /** Mistakes that do not keep the rest from being read. */
  readonly issues: CelIssue[] = [];
  readonly #tokens: CelTokenReader;
  readonly #syntax: CelSyntax;
  #depth = 0;

  constructor(tokens: readonly CelToken[], syntax: CelSyntax) {
    this.#tokens = new CelTokenReader(tokens);
    this.#syntax = syntax;
  }

  parse(): CelExpr {
    const expr = this.#expression();
    if (this.#tokens.peek().kind !== "end") throw this.#tokens.unexpected("<EOF>");
    return expr;
  }

  /** Notes a mistake and goes on with an expression that fits everywhere. */
  #report({ offset, message }: CelIssue): CelExpr {
    this.issues.push({ offset, message });
    return { kind: "literal", value: null, type: error, offset };
  }

  #expression(): CelExpr {
    if (++this.#depth > maxDepth) {
      throw new ParseFailure({ offset: -1, message: `expression recursion limit exceeded: ${maxDepth}` });
    }
    const condition = this.#disjunction();
    const mark = this.#tokens.take("?");
    let result = condition;
    if (mark !== undefined) {
      const yes = this.#disjunction();
      this.#tokens.expect(":");
      const no = this.#expression();
      result = { kind: "call", name: "_?_:_", args: [condition, yes, no], offset: mark.offset };
    }
    this.#depth--;
    return result;
  }

  #checkChain(length: number): void {
    if (length >= maxDepth) throw new ParseFailure({ offset: -1, message: "max recursion depth exceeded" });
  }

  #disjunction(): CelExpr {
    return this.#logical("||", () => this.#logical("&&", () => this.#relation()));
  }

  /** A chain of one logical operator becomes a balanced tree, which keeps evaluation shallow. */
  #logical(symbol: string, operand: () => CelExpr): CelExpr {
    const terms = [operand()];
    const offsets: number[] = [];
    for (let token = this.#tokens.take(symbol); token !== undefined; token = this.#tokens.take(symbol)) {
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
    for (let count = 0; isOperator(this.#tokens.peek()); count++) {
      this.#checkChain(count);
      const { text, offset } = this.#tokens.next();
      const name = text === "in" ? "@in" : `_${text}_`;
      left = { kind: "call", name, args: [left, operand()], offset };
    }
    return left;
  }

  #unary(): CelExpr {
    const first = this.#tokens.peek();
    if (first.kind !== "symbol" || (first.text !== "!" && first.text !== "-")) return this.#member();
    const symbol = first.text;
    let count = 0;
    while (this.#tokens.isSymbol(symbol)) {
      this.#tokens.next();
      count++;
    }
    // A single sign belongs to a number literal that follows, so that the least integer can be written.
    if (symbol === "-" && count === 1 && this.#tokens.isNumber()) {
      this.#tokens.skip(-1);
      count--;
    }
    const operand = this.#member();
    // Pairs cancel each other out.
    return count % 2 === 0
      ? operand
      : { kind: "call", name: `${symbol}_`, args: [operand], offset: first.offset };
  }

  #member(): CelExpr {
    let expr = this.#primary();
    for (let count = 0; ; count++) {
      this.#checkChain(count - 1);
      const dot = this.#tokens.take(".");
      if (dot !== undefined) {
        expr = this.#field(expr, dot);
        continue;
      }
      const open = this.#tokens.take("[");
      if (open === undefined) return expr;
      const optional = this.#tokens.take("?") !== undefined;
      const index = this.#expression();
      this.#tokens.expect("]");
      expr = this.#allowed(optional, "[?", {
        kind: "call",
        name: optional ? "_[?_]" : "_[_]",
        args: [expr, index],
        offset: open.offset,
      });
    }
  }

  #field(operand: CelExpr, dot: CelToken): CelExpr {
    const optional = this.#tokens.take("?") !== undefined;
    const name = this.#fieldName();
    const open = name.kind === "ident" && !optional ? this.#tokens.take("(") : undefined;
    if (open === undefined) {
      const { offset } = dot;
      return this.#allowed(optional, ".?", {
        kind: "select",
        operand,
        field: name.text,
        test: false,
        optional,
        offset,
      });
    }
    return this.#call({ name: name.text, target: operand, args: this.#list(")"), offset: open.offset });
  }

  #fieldName(): CelToken {
    const { kind, text } = this.#tokens.peek();
    if (kind !== "escaped" && (kind !== "ident" || keywords.has(text))) {
      throw this.#tokens.unexpected("IDENTIFIER");
    }
    return this.#tokens.next();
  }

  #call(call: { name: string; target?: CelExpr; args: CelExpr[]; offset: number }): CelExpr {
    try {
      return expandCall({ kind: "call", ...call }, this.#syntax);
    } catch (failure) {
      if (failure instanceof MacroError) return this.#report(failure);
      throw failure;
    }
  }

  /** An expression, or a mistake when it is written with optional syntax that is not enabled. */
  #allowed(optional: boolean, text: string, expr: CelExpr): CelExpr {
    if (!optional || this.#syntax.optionals === true) return expr;
    return this.#report({ offset: expr.offset, message: `unsupported syntax '${text}'` });
  }

  #primary(): CelExpr {
    const token = this.#tokens.peek();
    const { kind, text, offset } = token;
    if (kind === "literal") return this.#literal();
    if (kind === "symbol") {
      if (text === "-" && this.#tokens.isNumber(1)) {
        return this.#literal(this.#tokens.next());
      }
      if (text === "(") return this.#parenthesis();
      if (text === "[") return this.#listLiteral();
      if (text === "{") return this.#mapLiteral();
      if (text === ".") {
        this.#tokens.next();
        return this.#identifier(offset, ".");
      }
    }
    if (kind !== "ident" || text === "in") throw this.#tokens.unexpected("an expression");
    return this.#identifier(offset, "");
  }

  #parenthesis(): CelExpr {
    this.#tokens.expect("(");
    const inner = this.#expression();
    this.#tokens.expect(")");
    return inner;
  }

  #literal(sign?: CelToken): CelExpr {
    const { value, type, offset, problem } = this.#tokens.next();
    const start = sign?.offset ?? offset;
    if (problem !== undefined) return this.#report({ offset: start, message: problem });
    const signed =
      sign !== undefined && (typeof value === "bigint" || typeof value === "number") ? -value : value!;
    if (typeof signed === "bigint" && signed !== BigInt.asIntN(64, signed)) {
      return this.#report({ offset: start, message: "invalid int literal" });
    }
    return { kind: "literal", value: signed, type: type!, offset: start };
  }

  #identifier(offset: number, dot: string): CelExpr {
    const token = this.#tokens.peek();
    if (token.kind !== "ident" || (dot !== "" && keywords.has(token.text)))
      throw this.#tokens.unexpected("IDENTIFIER");
    const { text, offset: place } = this.#tokens.next();
    if (text === "true" || text === "false")
      return { kind: "literal", value: text === "true", type: bool, offset };
    if (text === "null") return { kind: "literal", value: null, type: nullType, offset };
    const message = this.#message(dot + text);
    if (message !== undefined) return message;
    const open = this.#tokens.take("(");
    if (reserved.has(text)) {
      const known = this.issues.length;
      if (open !== undefined) this.#list(")");
      // What such a call is given is not looked at.
      this.issues.length = known;
      return this.#report({ offset, message: `reserved identifier: ${text}` });
    }
    if (open === undefined) return { kind: "ident", name: dot + text, offset: place };
    return this.#call({ name: dot + text, args: this.#list(")"), offset: open.offset });
  }

  /** `name.name{field: value}`, of which the first name is read already. */
  #message(first: string): CelExpr | undefined {
    let name = first;
    let ahead = 0;
    for (; this.#tokens.isSymbol(".", ahead); ahead += 2) {
      const part = this.#tokens.peek(ahead + 1);
      if (part.kind !== "ident" || keywords.has(part.text)) return undefined;
      name += `.${part.text}`;
    }
    if (!this.#tokens.isSymbol("{", ahead)) return undefined;
    this.#tokens.skip(ahead);
    const { offset } = this.#tokens.next();
    this.#elements("}", () => {
      const mark = this.#tokens.take("?");
      if (mark !== undefined) this.#allowed(true, "?", { kind: "message", name, offset: mark.offset });
      this.#fieldName();
      this.#tokens.expect(":");
      this.#expression();
    });
    return { kind: "message", name, offset };
  }

  #list(close: string): CelExpr[] {
    const items: CelExpr[] = [];
    while (!this.#tokens.isSymbol(close)) {
      items.push(this.#expression());
      if (this.#tokens.take(",") === undefined) break;
      if (close === ")" && this.#tokens.isSymbol(close)) throw this.#tokens.unexpected("an expression");
    }
    this.#tokens.expect(close);
    return items;
  }

  /** The elements of a literal, one by one; `[,]` has none. */
  #elements(close: string, read: () => void): void {
    if (this.#tokens.isSymbol(",") && this.#tokens.isSymbol(close, 1)) this.#tokens.next();
    while (!this.#tokens.isSymbol(close)) {
      read();
      if (this.#tokens.take(",") === undefined) break;
    }
    this.#tokens.expect(close);
  }

  #listLiteral(): CelExpr {
    const { offset } = this.#tokens.expect("[");
    const elements: CelExpr[] = [];
    const optional = new Set<number>();
    this.#elements("]", () => {
      const mark = this.#tokens.take("?");
      const element = this.#expression();
      if (mark !== undefined) {
        this.#allowed(true, "?", { ...element, offset: mark.offset });
        optional.add(elements.length);
      }
      elements.push(element);
    });
    return { kind: "list", elements, optional, offset };
  }

  #mapLiteral(): CelExpr {
    const { offset } = this.#tokens.expect("{");
    const entries: CelMapExpr["entries"][number][] = [];
    this.#elements("}", () => {
      const known = this.issues.length;
      const mark = this.#tokens.take("?");
      const key = this.#expression();
      this.#tokens.expect(":");
      const value = this.#expression();
      if (mark !== undefined && this.#syntax.optionals !== true) {
        // Such an entry is not looked at.
        this.issues.length = known;
        this.#allowed(true, "?", { ...key, offset: mark.offset });
      }
      entries.push({ key, value, optional: mark !== undefined });
    });
    return { kind: "map", entries, offset };
  }
}
