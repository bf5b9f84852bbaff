import { maxDepth } from "../limits.ts";
import type { ByteString } from "../text/byte-string.ts";
import { quote, unquote } from "../text/quote.ts";
import type { Token, TokenKind } from "./lexer.ts";
import type { CommandNode, OperandNode, PipeNode, VariableNode } from "./node.ts";
import { nodeText } from "./node-text.ts";
import { parseConstant } from "./number.ts";
import type { ParseOptions } from "./parser.ts";
import type { TokenStream } from "./token-stream.ts";

const operandStarts: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "char constant",
  "complex",
  ".",
  "field",
  "identifier",
  "number",
  "nil",
  "raw string",
  "string",
  "variable",
  "(",
]);

function newVariable(pos: number, text: ByteString): VariableNode {
  const [name = "", ...path] = text.split(".");
  return { kind: "variable", pos, name, path };
}

/** Parses what stands inside the delimiters, and knows which variables are declared. */
export class PipelineParser {
  readonly #tokens: TokenStream;
  readonly #options: ParseOptions;
  readonly #variables: ByteString[] = ["$"];
  /** How often each name is declared, so that a look-up does not walk the list. */
  readonly #declared = new Map<ByteString, number>([["$", 1]]);
  #parens = 0;

  constructor(tokens: TokenStream, options: ParseOptions) {
    this.#tokens = tokens;
    this.#options = options;
  }

  /** Marks where the variables of a control structure begin. */
  openScope(): number {
    return this.#variables.length;
  }

  /** Forgets the variables declared since the mark. */
  closeScope(mark: number): void {
    for (const name of this.#variables.splice(mark)) {
      this.#declared.set(name, (this.#declared.get(name) ?? 0) - 1);
    }
  }

  /** A pipeline up to the given token; `context` names it in errors. */
  pipeline(context: string, terminator: TokenKind): PipeNode {
    const pos = this.#tokens.peekNonSpace().pos;
    const { declarations, isAssign } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.kind === terminator) break;
      if (!operandStarts.has(token.kind)) this.#tokens.unexpected(token, context);
      this.#tokens.pushBack(token);
      commands.push(this.#command());
    }
    this.#check(commands, context);
    this.#options.countNode();
    return { kind: "pipe", pos, isAssign, declarations, commands };
  }

  #declare(token: Token, declarations: VariableNode[]): void {
    declarations.push(newVariable(token.pos, token.text));
    this.#variables.push(token.text);
    this.#declared.set(token.text, (this.#declared.get(token.text) ?? 0) + 1);
  }

  #declarations(context: string): { readonly declarations: VariableNode[]; readonly isAssign: boolean } {
    const declarations: VariableNode[] = [];
    while (this.#tokens.peekNonSpace().kind === "variable") {
      const variable = this.#tokens.next();
      // A blank after the variable must survive when it turns out to be an argument.
      const adjacent = this.#tokens.peek();
      const next = this.#tokens.peekNonSpace();
      if (next.kind === "=" || next.kind === ":=") {
        this.#tokens.next();
        this.#declare(variable, declarations);
        return { declarations, isAssign: next.kind === "=" };
      }
      if (next.kind !== "character" || next.text !== ",") {
        if (adjacent.kind === "space") this.#tokens.pushBack(adjacent);
        this.#tokens.pushBack(variable);
        break;
      }
      this.#tokens.next();
      this.#declare(variable, declarations);
      if (context !== "range" || declarations.length >= 2)
        this.#tokens.fail(`too many declarations in ${context}`);
      if (!["variable", "right delimiter", ")"].includes(this.#tokens.peekNonSpace().kind)) {
        this.#tokens.fail("range can only initialize variables");
      }
    }
    return { declarations, isAssign: false };
  }

  #check(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    for (const [i, command] of commands.entries()) {
      if (i > 0 && ["bool", "dot", "nil", "number", "string"].includes(command.args[0].kind)) {
        this.#tokens.fail(`non executable command in pipeline stage ${i + 1}`);
      }
    }
  }

  #command(): CommandNode {
    const pos = this.#tokens.peekNonSpace().pos;
    const args: OperandNode[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = this.#tokens.next();
      if (token.kind === "space") continue;
      if (token.kind === "right delimiter" || token.kind === ")") this.#tokens.pushBack(token);
      else if (token.kind !== "|") this.#tokens.unexpected(token, "operand");
      break;
    }
    const [first, ...rest] = args;
    if (first === undefined) return this.#tokens.fail("empty command");
    this.#options.countNode();
    return { kind: "command", pos, args: [first, ...rest] };
  }

  /** A term with the fields that follow it; nothing when no term comes. */
  #operand(): OperandNode | undefined {
    const node = this.#term();
    if (node === undefined) return undefined;
    this.#options.countNode();
    const first = this.#tokens.peek();
    if (first.kind !== "field") return node;
    const path: ByteString[] = [];
    while (this.#tokens.peek().kind === "field") {
      this.#options.countNode();
      path.push(this.#tokens.next().text.slice(1));
    }
    switch (node.kind) {
      case "field":
      case "variable":
        return { ...node, pos: first.pos, path: [...node.path, ...path] };
      case "bool":
      case "string":
      case "number":
      case "nil":
      case "dot":
        return this.#tokens.fail(`unexpected . after term ${quote(nodeText(node))}`);
      default:
        return { kind: "chain", pos: first.pos, node, path };
    }
  }

  #term(): OperandNode | undefined {
    const token = this.#tokens.nextNonSpace();
    const { kind, pos, text } = token;
    switch (kind) {
      case "identifier":
        if (!this.#options.hasFunction(text)) this.#tokens.fail(`function ${quote(text)} not defined`);
        return { kind, pos, name: text };
      case ".":
        return { kind: "dot", pos };
      case "nil":
        return { kind, pos };
      case "variable":
        if ((this.#declared.get(text) ?? 0) === 0) this.#tokens.fail(`undefined variable ${quote(text)}`);
        return newVariable(pos, text);
      case "field":
        return { kind, pos, path: [text.slice(1)] };
      case "bool":
        return { kind, pos, value: text === "true" };
      case "number":
      case "complex":
      case "char constant":
        return this.#constant(token);
      case "string":
      case "raw string":
        return {
          kind: "string",
          pos,
          literal: text,
          value: unquote(text) ?? this.#tokens.fail("invalid syntax"),
        };
      case "(":
        return this.#parenthesized();
      default:
        this.#tokens.pushBack(token);
        return undefined;
    }
  }

  #constant(token: Token): OperandNode {
    try {
      return parseConstant(token);
    } catch (error) {
      return this.#tokens.fail((error as Error).message);
    }
  }

  #parenthesized(): PipeNode {
    if (++this.#parens > maxDepth) this.#tokens.fail("max expression depth exceeded");
    const pipe = this.pipeline("parenthesized pipeline", ")");
    this.#parens--;
    return pipe;
  }
}
