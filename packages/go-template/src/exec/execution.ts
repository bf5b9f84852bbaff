import type { CallContext } from "../functions/function.ts";
import { formatValue, printValue } from "../format/print.ts";
import type { BranchNode, Node, StatementNode, TemplateNode, Tree } from "../syntax/node.ts";
import type { ByteString } from "../text/byte-string.ts";
import { quote } from "../text/quote.ts";
import { isTrue } from "../value/type.ts";
import { GoInt, GoList, GoMap, int, type Result } from "../value/value.ts";
import { Evaluator, type ExecutionSet } from "./evaluator.ts";
import type { Slot } from "./variables.ts";

/** How a list of statements ended. */
type Outcome = "done" | "break" | "continue";

/** Receives the text as it is made. */
export interface Output {
  write(text: ByteString): void;
}

/** Runs the statements of one template; `template` actions run others with the same output. */
class Execution {
  readonly #set: ExecutionSet;
  readonly #context: CallContext;
  readonly #output: Output;
  readonly #evaluator: Evaluator;

  constructor(set: ExecutionSet, context: CallContext, output: Output, tree: Tree, data: Slot) {
    this.#set = set;
    this.#context = context;
    this.#output = output;
    this.#evaluator = new Evaluator(set, context, tree, data);
  }

  list(dot: Slot, nodes: readonly StatementNode[]): Outcome {
    for (const node of nodes) {
      const outcome = this.#statement(dot, node);
      if (outcome !== "done") return outcome;
    }
    return "done";
  }

  #statement(dot: Slot, node: StatementNode): Outcome {
    this.#evaluator.at(node);
    switch (node.kind) {
      case "text":
        this.#output.write(node.text);
        return "done";
      case "action": {
        const value = this.#evaluator.pipeline(dot, node.pipe);
        if (node.pipe.declarations.length === 0) this.#print(node, value);
        return "done";
      }
      case "if":
      case "with":
        return this.#branch(dot, node);
      case "range":
        return this.#range(dot, node);
      case "template":
        this.#template(dot, node);
        return "done";
      default:
        return node.kind;
    }
  }

  #print(node: Node, value: Result): void {
    this.#evaluator.at(node);
    this.#output.write(printValue(value, this.#context.budget));
  }

  #branch(dot: Slot, node: BranchNode): Outcome {
    const mark = this.#evaluator.variables.mark();
    const value = this.#evaluator.pipeline(dot, node.pipe);
    let outcome: Outcome = "done";
    if (isTrue(value)) {
      outcome = this.list(node.kind === "with" ? { value, boxed: false } : dot, node.list);
    } else if (node.otherwise !== undefined) {
      outcome = this.list(dot, node.otherwise);
    }
    this.#evaluator.variables.pop(mark);
    return outcome;
  }

  #range(dot: Slot, node: BranchNode): Outcome {
    const { variables } = this.#evaluator;
    const mark = variables.mark();
    const value = this.#evaluator.pipeline(dot, node.pipe);
    const body = variables.mark();
    let outcome: Outcome = "done";
    let empty = true;
    for (const [index, element] of this.#elements(node, value)) {
      empty = false;
      this.#context.budget.spend(20);
      this.#setRangeVariables(node, index, element);
      const ended = this.list(element, node.list);
      variables.pop(body);
      if (ended === "break") break;
    }
    if (empty && node.otherwise !== undefined) outcome = this.list(dot, node.otherwise);
    variables.pop(mark);
    return outcome;
  }

  /** Index or key and element of everything that a range visits. */
  *#elements(node: BranchNode, value: Result): Generator<readonly [Slot, Slot]> {
    if (value === undefined) return;
    if (value instanceof GoList) {
      const boxed = value.element === "interface {}";
      for (const [i, item] of value.items.entries()) {
        yield [
          { value: int(i), boxed: false },
          { value: item, boxed },
        ];
      }
    } else if (value instanceof GoMap) {
      const boxed = value.element === "interface {}";
      const items = value.sortedKeys().map((key) => [key, value.entries.get(key)] as const);
      for (const [key, item] of items) {
        yield [
          { value: key, boxed: false },
          { value: item, boxed },
        ];
      }
    } else if (value instanceof GoInt) {
      if (node.pipe.declarations.length > 1) {
        this.#evaluator.fail(`can't use ${value.value} to iterate over more than one variable`);
      }
      for (let i = 0n; i < value.value; i++) {
        yield [
          { value: undefined, boxed: false },
          { value: new GoInt(value.type, i), boxed: false },
        ];
      }
    } else {
      this.#evaluator.fail(`range can't iterate over ${formatValue(value, this.#context.budget)}`);
    }
  }

  /** One variable takes the element, of two the first takes the index. */
  #setRangeVariables(node: BranchNode, index: Slot, element: Slot): void {
    const { declarations, isAssign } = node.pipe;
    const [first, second] = declarations;
    if (first === undefined) return;
    if (isAssign) {
      this.#evaluator.assignVariable(first.name, second === undefined ? element : index);
      if (second !== undefined) this.#evaluator.assignVariable(second.name, element);
    } else {
      this.#evaluator.variables.setTop(1, element);
      if (second !== undefined) this.#evaluator.variables.setTop(2, index);
    }
  }

  #template(dot: Slot, node: TemplateNode): void {
    const tree = this.#set.lookup(node.name);
    if (tree === undefined) return this.#evaluator.fail(`template ${quote(node.name)} not defined`);
    const value = node.pipe === undefined ? undefined : this.#evaluator.pipeline(dot, node.pipe);
    runTemplate(this.#set, this.#context, this.#output, tree, value);
  }
}

/** Executes one template with its data and writes the text to `output`. */
export function runTemplate(
  set: ExecutionSet,
  context: CallContext,
  output: Output,
  tree: Tree,
  data: Result,
): void {
  const dot = { value: data, boxed: false };
  new Execution(set, context, output, tree, dot).list(dot, tree.root);
}
