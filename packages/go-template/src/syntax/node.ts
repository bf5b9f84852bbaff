import type { ByteString } from "../text/byte-string.ts";

/** A text that was parsed, for the places in errors. */
export interface Source {
  readonly name: ByteString;
  readonly text: ByteString;
}

/** Byte offset in the source, where the node begins. */
interface Positioned {
  readonly pos: number;
}

interface TextNode extends Positioned {
  readonly kind: "text";
  readonly text: ByteString;
}

interface ActionNode extends Positioned {
  readonly kind: "action";
  readonly pipe: PipeNode;
}

export interface BranchNode extends Positioned {
  readonly kind: "if" | "with" | "range";
  readonly pipe: PipeNode;
  readonly list: readonly StatementNode[];
  /** Absent without an `else`. */
  readonly otherwise: readonly StatementNode[] | undefined;
}

interface JumpNode extends Positioned {
  readonly kind: "break" | "continue";
}

export interface TemplateNode extends Positioned {
  readonly kind: "template";
  readonly name: ByteString;
  readonly pipe: PipeNode | undefined;
}

/** What a template consists of. */
export type StatementNode = TextNode | ActionNode | BranchNode | JumpNode | TemplateNode;

export interface PipeNode extends Positioned {
  readonly kind: "pipe";
  readonly isAssign: boolean;
  readonly declarations: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}

export interface CommandNode extends Positioned {
  readonly kind: "command";
  /** The first is what is evaluated or called. */
  readonly args: readonly [OperandNode, ...OperandNode[]];
}

export interface FieldNode extends Positioned {
  readonly kind: "field";
  readonly path: readonly ByteString[];
}

export interface VariableNode extends Positioned {
  readonly kind: "variable";
  /** Name with its `$`. */
  readonly name: ByteString;
  readonly path: readonly ByteString[];
}

export interface ChainNode extends Positioned {
  readonly kind: "chain";
  readonly node: OperandNode;
  readonly path: readonly ByteString[];
}

export interface IdentifierNode extends Positioned {
  readonly kind: "identifier";
  readonly name: ByteString;
}

interface DotNode extends Positioned {
  readonly kind: "dot";
}

interface NilNode extends Positioned {
  readonly kind: "nil";
}

interface BoolNode extends Positioned {
  readonly kind: "bool";
  readonly value: boolean;
}

interface StringNode extends Positioned {
  readonly kind: "string";
  /** As written, with quotes. */
  readonly literal: ByteString;
  readonly value: ByteString;
}

export interface NumberNode extends Positioned {
  readonly kind: "number";
  /** As written. */
  readonly literal: ByteString;
  /** Present when the constant fits an int64. */
  readonly int: bigint | undefined;
  /** Present when the constant fits a uint64. */
  readonly uint: bigint | undefined;
  /** Present when the constant is real. */
  readonly float: number | undefined;
  /** Present for imaginary and complex literals. */
  readonly complex: { readonly real: number; readonly imaginary: number } | undefined;
}

/** What can stand in a command. */
export type OperandNode =
  | FieldNode
  | VariableNode
  | ChainNode
  | IdentifierNode
  | DotNode
  | NilNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode;

/** Any node that an execution can be at. */
export type Node = StatementNode | PipeNode | CommandNode | OperandNode;

/** One template of a set. */
export interface Tree {
  readonly name: ByteString;
  readonly source: Source;
  readonly root: readonly StatementNode[];
}
