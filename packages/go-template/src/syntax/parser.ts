import { limitError, maxDepth } from "../limits.ts";
import type { ByteString } from "../text/byte-string.ts";
import { quote, unquote } from "../text/quote.ts";
import { Lexer, type Token } from "./lexer.ts";
import type { BranchNode, PipeNode, Source, StatementNode, TemplateNode, Tree } from "./node.ts";
import { PipelineParser } from "./pipeline-parser.ts";
import { TokenStream } from "./token-stream.ts";

/** What parsing needs to know of the set it parses for. */
export interface ParseOptions {
  /** Tells whether a function of that name exists. */
  readonly hasFunction: (name: ByteString) => boolean;
  /** Called once per node; throws when there are too many. */
  readonly countNode: () => void;
}

/** `{{end}}` or `{{else}}`, which end a list of statements. */
interface Terminator {
  readonly kind: "end" | "else";
}

type Statement = StatementNode | Terminator;

function isTerminator(node: Statement): node is Terminator {
  return node.kind === "end" || node.kind === "else";
}

/** Tells a template of white space only, which never replaces another. */
export function isEmptyTree(root: readonly StatementNode[]): boolean {
  return root.every((node) => node.kind === "text" && /^[\t-\r \x85\xa0]*$/.test(node.text));
}

/** Parses one template; `define` and `block` are handed to parsers of their own. */
class TreeParser {
  readonly #tokens: TokenStream;
  readonly #pipelines: PipelineParser;
  readonly #lexer: Lexer;
  readonly #options: ParseOptions;
  readonly #trees: Map<ByteString, Tree>;
  #rangeDepth = 0;
  #depth: number;

  constructor(
    source: Source,
    lexer: Lexer,
    options: ParseOptions,
    trees: Map<ByteString, Tree>,
    depth: number,
  ) {
    this.#tokens = new TokenStream(source, lexer);
    this.#pipelines = new PipelineParser(this.#tokens, options);
    this.#lexer = lexer;
    this.#options = options;
    this.#trees = trees;
    this.#depth = depth;
  }

  parseFile(): void {
    const root: StatementNode[] = [];
    while (this.#tokens.peek().kind !== "eof") {
      if (this.#parseDefine()) continue;
      const node = this.#statement();
      if (isTerminator(node)) this.#tokens.fail(`unexpected {{${node.kind}}}`);
      root.push(node);
    }
    this.#add(this.#tokens.source.name, root);
  }

  /** A `define` where one is allowed: at the top of a file. */
  #parseDefine(): boolean {
    const delimiter = this.#tokens.next();
    if (delimiter.kind !== "left delimiter") {
      this.#tokens.pushBack(delimiter);
      return false;
    }
    const keyword = this.#tokens.nextNonSpace();
    if (keyword.kind === "define") {
      this.#nested().parseDefinition();
      return true;
    }
    this.#tokens.pushBack(keyword, delimiter);
    return false;
  }

  #nested(): TreeParser {
    return new TreeParser(this.#tokens.source, this.#lexer, this.#options, this.#trees, this.#depth);
  }

  /** The rest of a `define`, whose keyword has been read. */
  parseDefinition(): void {
    const context = "define clause";
    const name = this.#templateName(this.#tokens.expect(["string", "raw string"], context), context);
    this.#tokens.expect(["right delimiter"], context);
    const { list, terminator } = this.#list();
    if (terminator.kind !== "end") this.#tokens.fail(`unexpected {{${terminator.kind}}} in ${context}`);
    this.#add(name, list);
  }

  /** The body of a `block`; the caller complains about a wrong end, because its line counts. */
  parseBlock(name: ByteString): Terminator {
    const { list, terminator } = this.#list();
    if (terminator.kind === "end") this.#add(name, list);
    return terminator;
  }

  #add(name: ByteString, root: readonly StatementNode[]): void {
    const existing = this.#trees.get(name);
    if (existing === undefined || isEmptyTree(existing.root)) {
      this.#trees.set(name, { name, source: this.#tokens.source, root });
    } else if (!isEmptyTree(root)) {
      this.#tokens.fail(`template: multiple definition of template ${quote(name)}`);
    }
  }

  #list(): { readonly list: StatementNode[]; readonly terminator: Terminator } {
    if (++this.#depth > maxDepth)
      throw limitError(`${this.#tokens.source.name}: actions are nested too deeply`);
    const list: StatementNode[] = [];
    while (this.#tokens.peekNonSpace().kind !== "eof") {
      const node = this.#statement();
      if (isTerminator(node)) {
        this.#depth--;
        return { list, terminator: node };
      }
      list.push(node);
    }
    return this.#tokens.fail("unexpected EOF");
  }

  #statement(): Statement {
    const token = this.#tokens.nextNonSpace();
    this.#options.countNode();
    if (token.kind === "text") return { kind: "text", pos: token.pos, text: token.text };
    if (token.kind !== "left delimiter") return this.#tokens.unexpected(token, "input");
    this.#tokens.actionLine = token.line;
    const node = this.#action();
    this.#tokens.actionLine = 0;
    return node;
  }

  #action(): Statement {
    const token = this.#tokens.nextNonSpace();
    switch (token.kind) {
      case "block":
        return this.#block();
      case "break":
      case "continue":
        return this.#jump(token, token.kind);
      case "else":
        return this.#else();
      case "end":
        this.#tokens.expect(["right delimiter"], "end");
        return { kind: "end" };
      case "if":
      case "range":
      case "with":
        return this.#branch(token.kind);
      case "template":
        return this.#template();
      default: {
        this.#tokens.pushBack(token);
        const pipe = this.#pipelines.pipeline("command", "right delimiter");
        return { kind: "action", pos: token.pos, pipe };
      }
    }
  }

  #jump(token: Token, kind: "break" | "continue"): StatementNode {
    const after = this.#tokens.nextNonSpace();
    if (after.kind !== "right delimiter") this.#tokens.unexpected(after, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#tokens.fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos: token.pos };
  }

  /** An `else`; a following `if` or `with` stays to be read, as if it stood in the else part. */
  #else(): Terminator {
    const next = this.#tokens.peekNonSpace();
    if (next.kind !== "if" && next.kind !== "with") this.#tokens.expect(["right delimiter"], "else");
    return { kind: "else" };
  }

  #branch(kind: BranchNode["kind"]): BranchNode {
    const scope = this.#pipelines.openScope();
    const pipe = this.#pipelines.pipeline(kind, "right delimiter");
    if (kind === "range") this.#rangeDepth++;
    const { list, terminator } = this.#list();
    if (kind === "range") this.#rangeDepth--;
    const otherwise = terminator.kind === "else" ? this.#otherwise(kind) : undefined;
    this.#pipelines.closeScope(scope);
    return { kind, pos: pipe.pos, pipe, list, otherwise };
  }

  #otherwise(kind: BranchNode["kind"]): readonly StatementNode[] {
    if (kind !== "range" && this.#tokens.peek().kind === kind) {
      this.#tokens.next();
      if (++this.#depth > maxDepth)
        throw limitError(`${this.#tokens.source.name}: actions are nested too deeply`);
      const chained = this.#branch(kind);
      this.#depth--;
      return [chained];
    }
    const { list, terminator } = this.#list();
    if (terminator.kind !== "end") this.#tokens.fail(`expected end; found {{${terminator.kind}}}`);
    return list;
  }

  #templateName(token: Token, context: string): ByteString {
    if (token.kind !== "string" && token.kind !== "raw string")
      return this.#tokens.unexpected(token, context);
    return unquote(token.text) ?? this.#tokens.fail("invalid syntax");
  }

  #template(): TemplateNode {
    const context = "template clause";
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const after = this.#tokens.nextNonSpace();
    let pipe: PipeNode | undefined;
    if (after.kind !== "right delimiter") {
      this.#tokens.pushBack(after);
      pipe = this.#pipelines.pipeline(context, "right delimiter");
    }
    return { kind: "template", pos: token.pos, name, pipe };
  }

  #block(): TemplateNode {
    const context = "block clause";
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipelines.pipeline(context, "right delimiter");
    const terminator = this.#nested().parseBlock(name);
    if (terminator.kind !== "end") this.#tokens.fail(`unexpected {{${terminator.kind}}} in ${context}`);
    return { kind: "template", pos: token.pos, name, pipe };
  }
}

/** Parses one text into the templates that it defines, itself among them. Throws TemplateError. */
export function parseTrees(source: Source, options: ParseOptions): ReadonlyMap<ByteString, Tree> {
  const trees = new Map<ByteString, Tree>();
  new TreeParser(source, new Lexer(source.text), options, trees, 0).parseFile();
  return trees;
}
