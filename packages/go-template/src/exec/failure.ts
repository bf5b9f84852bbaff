import { TemplateError } from "../errors.ts";
import { type ByteString, decodeText, encodeText } from "../text/byte-string.ts";
import { quote } from "../text/quote.ts";
import type { Node, Tree } from "../syntax/node.ts";
import { nodeText } from "../syntax/node-text.ts";

/** The error of an execution that stands at `node`, in the words and with the place that Go gives. */
export function failure(tree: Tree, node: Node, message: ByteString, cause?: unknown): TemplateError {
  const before = tree.source.text.slice(0, node.pos);
  const line = before.split("\n").length;
  const column = node.pos - (before.lastIndexOf("\n") + 1);
  const place = `${tree.source.name}:${line}:${column}`;
  const text = `template: ${place}: executing ${quote(tree.name)} at <${nodeText(node)}>: ${message}`;
  return new TemplateError("exec", decodeText(text), {
    templateName: decodeText(tree.source.name),
    line,
    column,
    cause,
  });
}

/** The message of an error that a function threw, as bytes. */
export function messageOf(error: unknown): ByteString {
  return encodeText(error instanceof Error ? error.message : String(error));
}
