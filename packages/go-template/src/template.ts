import { TemplateError } from "./errors.ts";
import type { ExecutionSet, MissingKey } from "./exec/evaluator.ts";
import { type Output, runTemplate } from "./exec/execution.ts";
import { builtinFunctions } from "./functions/builtins.ts";
import type { CallContext, FunctionMap } from "./functions/function.ts";
import {
  Budget,
  isStackOverflow,
  limitError,
  type ResolvedLimits,
  resolveLimits,
  type TemplateLimits,
} from "./limits.ts";
import type { Source, Tree } from "./syntax/node.ts";
import { isEmptyTree, parseTrees } from "./syntax/parser.ts";
import { type ByteString, decodeText, encodeText, fromBytes, toBytes } from "./text/byte-string.ts";
import { quote } from "./text/quote.ts";
import { fromJson, type TemplateData } from "./value/json.ts";
import type { Value } from "./value/value.ts";

/** Nested activations of one template through `include`, as the Go operator allows. */
const maxIncludes = 1000;

/** How a set of templates behaves. */
export interface TemplateOptions {
  /** Name of the set, which messages about absent templates show. Default empty. */
  readonly name?: string;
  /** Functions beside Go's built-in ones, which they replace where names agree. */
  readonly functions?: FunctionMap;
  /** What a missing map key gives. Default `default`: the invalid value, printed as `<no value>`. */
  readonly missingKey?: MissingKey;
  readonly limits?: TemplateLimits;
}

/**
 * A set of templates that share definitions: Go's `text/template.Template`. Parse any number of texts, then execute
 * any of them any number of times.
 */
export class Template {
  readonly name: string;
  readonly #set: ExecutionSet;
  readonly #trees = new Map<ByteString, Tree>();
  readonly #limits: ResolvedLimits;
  #nodes = 0;

  constructor({ name = "", functions = {}, missingKey = "default", limits }: TemplateOptions = {}) {
    this.name = name;
    this.#limits = resolveLimits(limits);
    this.#set = {
      functions,
      builtins: builtinFunctions(),
      missingKey,
      lookup: (template) => this.#trees.get(template),
    };
  }

  /**
   * Adds a text under a name, and whatever it defines. A later text replaces templates of earlier ones, unless its own
   * is empty. Throws TemplateError `parse`, or `limit` for a text that is out of bounds.
   */
  parse(name: string, text: string | Uint8Array): this {
    const source: Source = {
      name: encodeText(name),
      text: typeof text === "string" ? encodeText(text) : fromBytes(text),
    };
    const trees = guarded(() =>
      parseTrees(source, { hasFunction: this.#hasFunction, countNode: this.#countNode }),
    );
    for (const [defined, tree] of trees) {
      if (!this.#trees.has(defined) || !isEmptyTree(tree.root)) this.#trees.set(defined, tree);
    }
    return this;
  }

  /** Tells whether a template of that name can be executed. */
  has(name: string): boolean {
    return this.#trees.has(encodeText(name));
  }

  /** Names of all templates in the order of their first definition. */
  names(): string[] {
    return [...this.#trees.keys()].map(decodeText);
  }

  /** Executes a template; bytes that are no UTF-8 become U+FFFD. Throws TemplateError `exec` or `limit`. */
  execute(name: string, data: TemplateData): string {
    return decodeText(this.#execute(name, data));
  }

  /** Executes a template and gives its exact bytes. Throws TemplateError `exec` or `limit`. */
  executeBytes(name: string, data: TemplateData): Uint8Array {
    return toBytes(this.#execute(name, data));
  }

  readonly #hasFunction = (name: ByteString): boolean =>
    Object.hasOwn(this.#set.functions, name) || Object.hasOwn(this.#set.builtins, name);

  readonly #countNode = (): void => {
    this.#nodes++;
    if (this.#nodes > this.#limits.nodes) throw limitError(`more than ${this.#limits.nodes} syntax nodes`);
  };

  #execute(name: string, data: TemplateData): ByteString {
    return guarded(() => {
      const budget = new Budget(this.#limits);
      return this.#run(encodeText(name), fromJson(data), budget, new Map<ByteString, number>());
    });
  }

  #run(name: ByteString, data: Value, budget: Budget, active: Map<ByteString, number>): ByteString {
    const tree = this.#trees.get(name);
    if (tree === undefined) {
      const text = `template: no template ${quote(name)} associated with template ${quote(encodeText(this.name))}`;
      throw new TemplateError("exec", decodeText(text), { templateName: decodeText(name) });
    }
    let text = "";
    const output: Output = {
      write(piece) {
        budget.spend(piece.length);
        text += piece;
        budget.checkSize(text.length);
      },
    };
    const context: CallContext = {
      budget,
      include: (included, value) => {
        const depth = active.get(included) ?? 0;
        if (depth > maxIncludes) {
          throw new Error(
            decodeText(`including template with name ${included}: exceeded max include recursion depth`),
          );
        }
        active.set(included, depth + 1);
        const result = this.#run(included, value, budget, active);
        active.set(included, depth);
        return result;
      },
    };
    runTemplate(this.#set, context, output, tree, data === null ? undefined : data);
    return text;
  }
}

/** Turns an overflow of the host's stack into an error of this package. */
function guarded<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (isStackOverflow(error)) throw limitError("exceeded maximum template depth (100000)", error);
    throw error;
  }
}
