import type { ByteString } from "../text/byte-string.ts";
import { quote } from "../text/quote.ts";
import type { Node, PipeNode } from "./node.ts";

function inCommand(node: Node): ByteString {
  return node.kind === "pipe" ? `(${nodeText(node)})` : nodeText(node);
}

function pipeText(pipe: PipeNode): ByteString {
  const commands = pipe.commands.map(nodeText).join(" | ");
  if (pipe.declarations.length === 0) return commands;
  return `${pipe.declarations.map(nodeText).join(", ")} ${pipe.isAssign ? "=" : ":="} ${commands}`;
}

function fields(path: readonly ByteString[]): ByteString {
  return path.map((name) => `.${name}`).join("");
}

/** A node as source text, the way Go's errors show it. Branches show their head only. */
export function nodeText(node: Node): ByteString {
  switch (node.kind) {
    case "text":
      return quote(node.text);
    case "action":
      return `{{${pipeText(node.pipe)}}}`;
    case "if":
    case "with":
    case "range":
      return `{{${node.kind} ${pipeText(node.pipe)}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    case "template":
      return `{{template ${quote(node.name)}${node.pipe === undefined ? "" : ` ${pipeText(node.pipe)}`}}}`;
    case "pipe":
      return pipeText(node);
    case "command":
      return node.args.map(inCommand).join(" ");
    case "field":
      return fields(node.path);
    case "variable":
      return node.name + fields(node.path);
    case "chain":
      return inCommand(node.node) + fields(node.path);
    case "identifier":
      return node.name;
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    default:
      return node.literal;
  }
}
