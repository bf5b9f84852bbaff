import { TemplateError } from "../errors.ts";
import type { CallContext, FunctionMap, ParameterType, TemplateFunction } from "../functions/function.ts";
import { type Budget, isStackOverflow } from "../limits.ts";
import type {
  ChainNode,
  CommandNode,
  FieldNode,
  IdentifierNode,
  Node,
  OperandNode,
  PipeNode,
  Tree,
  VariableNode,
} from "../syntax/node.ts";
import { nodeText } from "../syntax/node-text.ts";
import { type ByteString, decodeText } from "../text/byte-string.ts";
import { quote } from "../text/quote.ts";
import { isTrue, typeOf } from "../value/type.ts";
import { GoList, GoMap, type Result } from "../value/value.ts";
import { assign, idealConstant, literalArgument, nilArgument } from "./assign.ts";
import { failure, messageOf } from "./failure.ts";
import { bindMethod } from "./method.ts";
import { type Slot, Variables } from "./variables.ts";

/** What a missing map key gives: an error, the invalid value, or the zero value of the element. */
export type MissingKey = "error" | "default" | "zero";

/** The set of templates that an execution can reach. */
export interface ExecutionSet {
  readonly functions: FunctionMap;
  readonly builtins: FunctionMap;
  readonly missingKey: MissingKey;
  lookup(name: ByteString): Tree | undefined;
}

/** What it costs a function to look at an argument. */
function costOf(value: Result): number {
  if (typeof value === "string") return value.length;
  if (value instanceof GoList) return value.items.length;
  return value instanceof GoMap ? value.entries.size : 0;
}

/** Stands for "nothing is piped in", which differs from a piped nil. */
const missing: unique symbol = Symbol("missing");
/** The value of the stage before, if there is one. */
type Piped = Result | typeof missing;

/**
 * Evaluates the pipelines of one template. It keeps the node that an error would name, in the same places as Go
 * does, because messages show it.
 */
export class Evaluator {
  readonly #set: ExecutionSet;
  readonly #context: CallContext;
  readonly #budget: Budget;
  readonly tree: Tree;
  readonly variables: Variables;
  #node: Node;

  constructor(set: ExecutionSet, context: CallContext, tree: Tree, data: Slot) {
    this.#set = set;
    this.#context = context;
    this.#budget = context.budget;
    this.tree = tree;
    this.#node = { kind: "text", pos: 0, text: "" };
    this.variables = new Variables(data);
  }

  readonly fail = (message: ByteString): never => {
    throw failure(this.tree, this.#node, message);
  };

  /** Marks the node that errors name from now on. */
  at(node: Node): void {
    this.#node = node;
  }

  /** The value of a pipeline; declares or assigns its variables. */
  pipeline(dot: Slot, pipe: PipeNode): Result {
    this.#node = pipe;
    this.#budget.spend(20);
    let value: Piped = missing;
    for (const command of pipe.commands) {
      value = this.#command(dot, command, value);
      // The end of a stage takes the value out of its interface.
      if (value === null) value = undefined;
    }
    const result = value === missing ? undefined : value;
    for (const variable of pipe.declarations) {
      const slot = { value: result, boxed: false };
      if (!pipe.isAssign) this.variables.push(variable.name, slot);
      else this.assignVariable(variable.name, slot);
    }
    return result;
  }

  /** Assigns to a variable that must exist. */
  assignVariable(name: ByteString, slot: Slot): void {
    if (!this.variables.assign(name, slot)) this.fail(`undefined variable: ${name}`);
  }

  #command(dot: Slot, command: CommandNode, piped: Piped): Result {
    const { args } = command;
    const [first] = args;
    switch (first.kind) {
      case "identifier":
        return this.#function(dot, first, command, args, piped);
      case "field":
      case "chain":
      case "variable":
        return this.#path(dot, first, args, piped);
      case "pipe":
        this.#notAFunction(args, piped);
        return this.pipeline(dot, first);
      default:
        break;
    }
    this.#node = first;
    this.#notAFunction(args, piped);
    switch (first.kind) {
      case "bool":
      case "string":
        return first.value;
      case "number":
        return idealConstant(first, this.fail);
      case "dot":
        return dot.value;
      default:
        return this.fail("nil is not a command");
    }
  }

  #notAFunction(args: readonly OperandNode[], piped: Piped): void {
    const [first] = args;
    if (first === undefined || (args.length === 1 && piped === missing)) return;
    this.fail(`can't give argument to non-function ${nodeText(first)}`);
  }

  /** A field, a variable or a chain, with the fields that follow it. */
  #path(
    dot: Slot,
    node: FieldNode | VariableNode | ChainNode,
    args: readonly OperandNode[],
    piped: Piped,
  ): Result {
    this.#node = node;
    let receiver: Result;
    let boxed = false;
    if (node.kind === "field") {
      receiver = dot.value;
      boxed = dot.boxed;
    } else if (node.kind === "variable") {
      const slot = this.variables.find(node.name) ?? this.fail(`undefined variable: ${node.name}`);
      if (node.path.length === 0) {
        this.#notAFunction(args, piped);
        return slot.value;
      }
      receiver = slot.value;
      boxed = slot.boxed;
    } else {
      receiver = this.#chainStart(dot, node.node);
    }
    const last = node.path.length - 1;
    for (let i = 0; i <= last; i++) {
      const name = node.path[i] ?? "";
      const isLast = i === last;
      const next = this.#field(
        dot,
        name,
        node,
        isLast ? args : [],
        isLast ? piped : missing,
        receiver,
        boxed,
      );
      boxed = receiver instanceof GoMap && receiver.element === "interface {}";
      receiver = next;
    }
    return receiver;
  }

  #chainStart(dot: Slot, node: OperandNode): Result {
    this.#node = node;
    if (node.kind === "pipe") return this.pipeline(dot, node);
    if (node.kind === "identifier") return this.#function(dot, node, node, [], missing);
    return this.fail(`indirection through explicit nil in ${nodeText(node)}`);
  }

  #field(
    dot: Slot,
    name: ByteString,
    node: Node,
    args: readonly OperandNode[],
    piped: Piped,
    receiver: Result,
    boxed: boolean,
  ): Result {
    const hasArguments = args.length > 1 || piped !== missing;
    if (receiver instanceof GoMap) {
      if (hasArguments) this.fail(`${name} is not a method but has arguments`);
      const value = receiver.entries.get(name);
      if (value !== undefined) return value;
      if (this.#set.missingKey === "error") this.fail(`map has no entry for key ${quote(name)}`);
      if (this.#set.missingKey === "default") return undefined;
      return receiver.element === "string" ? "" : null;
    }
    if (receiver === undefined) {
      return this.#set.missingKey === "error"
        ? this.fail(`nil data; no entry for key ${quote(name)}`)
        : undefined;
    }
    if (receiver === null) return this.fail(`nil pointer evaluating interface {}.${name}`);
    const method = bindMethod(receiver, name, boxed, this.fail);
    return this.#call(dot, method, false, node, name, args, piped);
  }

  #function(
    dot: Slot,
    node: IdentifierNode,
    command: Node,
    args: readonly OperandNode[],
    piped: Piped,
  ): Result {
    this.#node = node;
    const { name } = node;
    const own = Object.hasOwn(this.#set.functions, name) ? this.#set.functions[name] : undefined;
    const called = own ?? this.#set.builtins[name] ?? this.fail(`${quote(name)} is not a defined function`);
    return this.#call(dot, called, own === undefined, command, name, args, piped);
  }

  /** Calls a function or method. `args` begins with the operand that names it. */
  #call(
    dot: Slot,
    called: TemplateFunction,
    isBuiltin: boolean,
    node: Node,
    name: ByteString,
    args: readonly OperandNode[],
    piped: Piped,
  ): Result {
    const given = Math.max(args.length - 1, 0);
    this.#checkCount(called, name, given, piped);
    if (isBuiltin && (name === "and" || name === "or")) return this.#shortCircuit(dot, name, args, piped);
    const values: Result[] = [];
    for (let i = 0; i < given; i++) {
      values.push(this.#argument(dot, this.#parameter(called, i), args[i + 1] as OperandNode));
    }
    if (piped !== missing) values.push(assign(piped, this.#parameter(called, given), this.fail));
    for (const value of values) this.#budget.spend(costOf(value));
    let result: Result;
    try {
      if (isBuiltin && name === "call") this.#callValue(args[1], values[0]);
      result = called.call(values, this.#context);
    } catch (error) {
      if (isStackOverflow(error) || (error instanceof TemplateError && error.code === "limit")) throw error;
      throw failure(this.tree, node, `error calling ${name}: ${messageOf(error)}`, error);
    }
    this.#budget.spend(typeof result === "string" ? 20 + result.length : 20);
    return result;
  }

  /** `call` names its operand in the error, and there are no function values that it could call. */
  #callValue(operand: OperandNode | undefined, value: Result): never {
    if (value === undefined || value === null) throw new Error("call of nil");
    const piped = typeof value === "string" ? value : `<${typeOf(value)} Value>`;
    const name = operand === undefined ? piped : nodeText(operand);
    throw new Error(decodeText(`non-function ${name} of type ${typeOf(value)}`));
  }

  #parameter(called: TemplateFunction, index: number): ParameterType {
    return called.parameters[index] ?? called.rest ?? "interface {}";
  }

  #checkCount(called: TemplateFunction, name: ByteString, given: number, piped: Piped): void {
    const want = called.parameters.length;
    const count = piped === missing ? given : given + 1;
    if (called.rest !== undefined) {
      if (count < want) this.fail(`wrong number of args for ${name}: want at least ${want} got ${given}`);
    } else if (count !== want) {
      this.fail(`wrong number of args for ${name}: want ${want} got ${count}`);
    }
  }

  #shortCircuit(dot: Slot, name: "and" | "or", args: readonly OperandNode[], piped: Piped): Result {
    let value: Result;
    for (const arg of args.slice(1)) {
      value = this.#argument(dot, "reflect.Value", arg);
      if (isTrue(value) === (name === "or")) return value;
    }
    return piped === missing ? value : piped;
  }

  #argument(dot: Slot, type: ParameterType, node: OperandNode): Result {
    this.#node = node;
    switch (node.kind) {
      case "dot":
        return assign(dot.value, type, this.fail);
      case "nil":
        return nilArgument(type, this.fail);
      case "field":
      case "variable":
      case "chain":
        return assign(this.#path(dot, node, [], missing), type, this.fail);
      case "pipe":
        return assign(this.pipeline(dot, node), type, this.fail);
      case "identifier":
        return assign(this.#function(dot, node, node, [], missing), type, this.fail);
      default:
        return literalArgument(node, type, this.fail);
    }
  }
}
