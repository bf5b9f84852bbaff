import { Cursor, type Mark, yamlError } from "./cursor.ts";
import type { YamlError } from "./errors.ts";
import { Scanner } from "./scanner.ts";
import type { Token, TokenKind } from "./token.ts";

/** A node of a YAML document with its place in the text. */
export interface YamlNode {
  readonly kind: "scalar" | "sequence" | "mapping" | "alias";
  /** Full tag, empty when none was written. */
  readonly tag: string;
  /** Text of a scalar, name of an alias. */
  readonly value: string;
  /** A scalar without quotes: its text decides its type. */
  readonly plain: boolean;
  /** Items of a sequence; keys and values in turn of a mapping. */
  readonly children: readonly YamlNode[];
  /** What an alias stands for. */
  readonly target: YamlNode | undefined;
  readonly start: Mark;
  /** Offset behind the node; for a block collection behind its last entry. */
  readonly end: number;
  /** A collection in brackets. */
  readonly flow: boolean;
}

/** Bounds against hostile input. */
export interface ComposeLimits {
  readonly maxDepth: number;
  readonly maxNodes: number;
}

/** Bounds, where the text is from, and what is wrong behind its end. */
export interface ComposeOptions extends ComposeLimits {
  readonly source?: string | undefined;
  readonly defect?: YamlError | undefined;
}

/** Reads the first document of a text into nodes; undefined when there is none. */
export function composeFirst(text: string, options: ComposeOptions): YamlNode | undefined {
  return new Composer(text, options).document();
}

/** Reads every document of a text into nodes; an empty document is an empty scalar. */
export function composeAll(text: string, options: ComposeOptions): YamlNode[] {
  return new Composer(text, options).documents();
}

type MutableNode = { -readonly [K in keyof YamlNode]: YamlNode[K] } & { children: YamlNode[] };

const noChildren: YamlNode[] = [];
const coreTags = "tag:yaml.org,2002:";

/** Recursive descent over the tokens, with libyaml's grammar and error texts. */
class Composer {
  readonly #scanner: Scanner;
  readonly #source: string | undefined;
  readonly #maxNodes: number;
  #nodes = 0;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #handles = new Map([
    ["!", "!"],
    ["!!", coreTags],
  ]);

  constructor(text: string, options: ComposeOptions) {
    this.#source = options.source;
    this.#maxNodes = options.maxNodes;
    this.#scanner = new Scanner(new Cursor(text, options.source, options.defect), options);
  }

  /** The first document; only an explicit one, behind `---`, may be empty. */
  document(): YamlNode | undefined {
    if (this.#isNext("stream-end")) return undefined;
    const isExplicit = this.#isNext("version-directive", "tag-directive", "document-start");
    const node = isExplicit ? this.#explicitDocument() : this.#blockNode();
    // The Go library looks at one more token, whose errors count.
    this.#scanner.peek();
    return node;
  }

  documents(): YamlNode[] {
    const nodes: YamlNode[] = [];
    for (let node = this.document(); node !== undefined; node = this.#nextDocument()) nodes.push(node);
    return nodes;
  }

  #nextDocument(): YamlNode | undefined {
    this.#anchors.clear();
    while (this.#isNext("document-end")) this.#scanner.next();
    return this.#isNext("stream-end") ? undefined : this.#explicitDocument();
  }

  #explicitDocument(): YamlNode | undefined {
    this.#directives();
    this.#scanner.next();
    if (this.#isNext("version-directive", "tag-directive", "document-start", "document-end", "stream-end")) {
      return this.#emptyScalar();
    }
    return this.#blockNode();
  }

  /** Directives up to the `---` that must follow. */
  #directives(): void {
    let version = false;
    const handles = new Set<string>();
    for (let token = this.#scanner.peek(); token.kind !== "document-start"; token = this.#scanner.peek()) {
      if (token.kind === "version-directive") {
        if (version) throw this.#fail("found duplicate %YAML directive", token.start);
        if (token.value !== "1.1") throw this.#fail("found incompatible YAML document", token.start);
        version = true;
      } else if (token.kind === "tag-directive") {
        if (handles.has(token.handle)) throw this.#fail("found duplicate %TAG directive", token.start);
        handles.add(token.handle);
        this.#handles.set(token.handle, token.value);
      } else {
        throw this.#fail("did not find expected <document start>", token.start);
      }
      this.#scanner.next();
    }
  }

  #node(context: { readonly block: boolean; readonly indentless: boolean }): YamlNode {
    const first = this.#scanner.peek();
    if (first.kind === "alias") return this.#alias(this.#scanner.next());
    const { anchor, tag } = this.#properties();
    const token = this.#scanner.peek();
    const properties = { anchor, tag, start: first.start };
    if (context.indentless && token.kind === "block-entry") return this.#indentlessSequence(properties);
    if (token.kind === "scalar") return this.#scalar(this.#scanner.next(), properties);
    if (token.kind === "flow-sequence-start") return this.#flowSequence(properties);
    if (token.kind === "flow-mapping-start") return this.#flowMapping(properties);
    if (context.block && token.kind === "block-sequence-start") return this.#blockSequence(properties);
    if (context.block && token.kind === "block-mapping-start") return this.#blockMapping(properties);
    if (anchor !== "" || tag !== "") return this.#emptyScalar(properties);
    throw this.#fail("did not find expected node content", token.start, first.start);
  }

  #properties(): { readonly anchor: string; readonly tag: string } {
    const start = this.#scanner.peek().start;
    let anchor = "";
    let tag: Token | undefined;
    if (this.#isNext("anchor")) anchor = this.#scanner.next().value;
    if (this.#isNext("tag")) tag = this.#scanner.next();
    if (anchor === "" && this.#isNext("anchor")) anchor = this.#scanner.next().value;
    if (tag === undefined) return { anchor, tag: "" };
    // libyaml looks at what the properties belong to first, whose errors come first.
    this.#scanner.peek();
    if (tag.handle === "") return { anchor, tag: tag.value };
    const prefix = this.#handles.get(tag.handle);
    if (prefix === undefined) throw this.#fail("found undefined tag handle", tag.start, start);
    return { anchor, tag: prefix + tag.value };
  }

  #alias(token: Token): YamlNode {
    const target = this.#anchors.get(token.value);
    if (target === undefined) {
      throw yamlError(`unknown anchor '${token.value}' referenced`, 0, {
        mark: token.start,
        source: this.#source,
      });
    }
    const node = this.#create("alias", bare(token.start));
    node.value = token.value;
    node.end = token.end;
    node.target = target;
    return node;
  }

  #scalar(token: Token, properties: Properties): YamlNode {
    const node = this.#create("scalar", properties);
    node.value = token.value;
    node.end = token.end;
    node.plain = token.plain && properties.tag === "";
    return node;
  }

  /** A value that is not written; with properties it is where they are. */
  #emptyScalar(properties: Properties = bare(this.#scanner.peek().start)): MutableNode {
    const node = this.#create("scalar", properties);
    node.plain = properties.tag === "";
    return node;
  }

  /** Fields are set one by one behind this: spreading objects here was most of the cost of reading. */
  #create(kind: YamlNode["kind"], { anchor, tag, start }: Properties): MutableNode {
    if (++this.#nodes > this.#maxNodes) {
      throw yamlError(`document has more than ${this.#maxNodes} nodes`, start.line + 1, {
        mark: start,
        source: this.#source,
        code: "limit",
      });
    }
    const children = kind === "sequence" || kind === "mapping" ? [] : noChildren;
    const end = start.offset;
    const node: MutableNode = {
      kind,
      tag,
      value: "",
      plain: false,
      children,
      target: undefined,
      start,
      end,
      flow: false,
    };
    if (anchor !== "") this.#anchors.set(anchor, node);
    return node;
  }

  #createFlow(kind: "sequence" | "mapping", properties: Properties): MutableNode {
    const node = this.#create(kind, properties);
    node.flow = true;
    return node;
  }

  #blockSequence(properties: Properties): YamlNode {
    const { start } = this.#scanner.next();
    const node = this.#create("sequence", properties);
    while (this.#isNext("block-entry")) {
      const entry = this.#scanner.next();
      const item = this.#isNext("block-entry", "block-end") ? this.#emptyAt(entry) : this.#blockNode();
      node.children.push(item);
      node.end = item.end;
    }
    this.#expect("block-end", "did not find expected '-' indicator", start);
    return node;
  }

  #indentlessSequence(properties: Properties): YamlNode {
    const node = this.#create("sequence", properties);
    while (this.#isNext("block-entry")) {
      const entry = this.#scanner.next();
      const empty = this.#isNext("block-entry", "key", "value", "block-end");
      const item = empty ? this.#emptyAt(entry) : this.#blockNode();
      node.children.push(item);
      node.end = item.end;
    }
    return node;
  }

  #blockMapping(properties: Properties): YamlNode {
    const { start } = this.#scanner.next();
    const node = this.#create("mapping", properties);
    while (this.#isNext("key", "value")) {
      // A value token without a key token stands only behind a key that was just read, or is an error below.
      if (!this.#isNext("key")) break;
      const keyToken = this.#scanner.next();
      const key = this.#isNext("key", "value", "block-end")
        ? this.#emptyAt(keyToken)
        : this.#blockNodeOrSequence();
      const value = this.#blockValue(key);
      node.children.push(key, value);
      node.end = Math.max(key.end, value.end);
    }
    this.#expect("block-end", "did not find expected key", start);
    return node;
  }

  #blockValue(key: YamlNode): YamlNode {
    if (!this.#isNext("value")) return this.#emptyAt(key);
    const token = this.#scanner.next();
    return this.#isNext("key", "value", "block-end") ? this.#emptyAt(token) : this.#blockNodeOrSequence();
  }

  #blockNode(): YamlNode {
    return this.#node({ block: true, indentless: false });
  }

  #blockNodeOrSequence(): YamlNode {
    return this.#node({ block: true, indentless: true });
  }

  #flowNode(): YamlNode {
    return this.#node({ block: false, indentless: false });
  }

  #flowSequence(properties: Properties): YamlNode {
    const { start } = this.#scanner.next();
    const node = this.#createFlow("sequence", properties);
    while (!this.#isNext("flow-sequence-end")) {
      if (node.children.length > 0) {
        this.#expect("flow-entry", "did not find expected ',' or ']'", start);
        if (this.#isNext("flow-sequence-end")) break;
      }
      node.children.push(this.#isNext("key") ? this.#flowPair() : this.#flowNode());
    }
    node.end = this.#scanner.next().end;
    return node;
  }

  /** `[a: b]`: a mapping of one pair inside a sequence. */
  #flowPair(): YamlNode {
    const token = this.#scanner.next();
    const node = this.#createFlow("mapping", bare(token.start));
    let key: YamlNode;
    if (this.#isNext("value", "flow-entry", "flow-sequence-end")) key = this.#emptyAt(this.#scanner.next());
    else key = this.#flowNode();
    const value = this.#flowValue(key, "flow-sequence-end");
    node.children.push(key, value);
    node.end = Math.max(key.end, value.end);
    return node;
  }

  #flowMapping(properties: Properties): YamlNode {
    const { start } = this.#scanner.next();
    const node = this.#createFlow("mapping", properties);
    while (!this.#isNext("flow-mapping-end")) {
      if (node.children.length > 0) {
        this.#expect("flow-entry", "did not find expected ',' or '}'", start);
        if (this.#isNext("flow-mapping-end")) break;
      }
      if (this.#isNext("key")) {
        const token = this.#scanner.next();
        const empty = this.#isNext("value", "flow-entry", "flow-mapping-end");
        const key = empty ? this.#emptyAt(token) : this.#flowNode();
        node.children.push(key, this.#flowValue(key, "flow-mapping-end"));
      } else {
        const key = this.#flowNode();
        node.children.push(key, this.#emptyAt(key));
      }
    }
    node.end = this.#scanner.next().end;
    return node;
  }

  #flowValue(key: YamlNode, end: TokenKind): YamlNode {
    if (!this.#isNext("value")) return this.#emptyAt(key);
    const token = this.#scanner.next();
    return this.#isNext("flow-entry", end) ? this.#emptyAt(token) : this.#flowNode();
  }

  /** An absent value, placed behind what comes before it. */
  #emptyAt({ start, end }: { readonly start: Mark; readonly end: number }): YamlNode {
    const column = start.column + end - start.offset;
    return this.#emptyScalar(bare({ line: start.line, column, offset: end }));
  }

  #isNext(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.#scanner.peek().kind);
  }

  #expect(kind: TokenKind, problem: string, context: Mark): void {
    const token = this.#scanner.peek();
    if (token.kind !== kind) throw this.#fail(problem, token.start, context);
    this.#scanner.next();
  }

  /** A parser's error: the Go library names its lines from 0, and the context's where the problem is on the first. */
  #fail(problem: string, mark: Mark, context?: Mark): Error {
    return yamlError(problem, mark.line > 0 ? mark.line : (context?.line ?? 0), {
      mark,
      source: this.#source,
    });
  }
}

interface Properties {
  readonly anchor: string;
  readonly tag: string;
  readonly start: Mark;
}

/** No anchor and no tag. */
function bare(start: Mark): Properties {
  return { anchor: "", tag: "", start };
}
