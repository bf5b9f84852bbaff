import type { Budget } from "../../limits.ts";
import type { ByteString } from "../../text/byte-string.ts";
import { define, type FunctionMap } from "../function.ts";

/** How lines are broken. */
interface WrapOptions {
  readonly width: number;
  readonly separator: ByteString;
  /** Break words that are longer than a line. */
  readonly breakWords: boolean;
}

function wrap(text: ByteString, options: WrapOptions, budget: Budget): ByteString {
  const width = Math.max(options.width, 1);
  const separator = options.separator === "" ? "\n" : options.separator;
  budget.reserve(text.length + Math.ceil(text.length / Math.min(width, text.length + 1)) * separator.length);
  let out = "";
  let at = 0;
  while (text.length - at > width) {
    if (text[at] === " ") {
      at++;
      continue;
    }
    const blank = text.slice(at, at + width + 1).lastIndexOf(" ");
    if (blank >= 0) {
      out += text.slice(at, at + blank) + separator;
      at += blank + 1;
    } else if (options.breakWords) {
      out += text.slice(at, at + width) + separator;
      at += width;
    } else {
      const next = text.indexOf(" ", at + width);
      if (next < 0) return out + text.slice(at);
      out += text.slice(at, next) + separator;
      at = next + 1;
    }
  }
  return out + text.slice(at);
}

/** Line breaking, counted in bytes. */
export const wrapping: FunctionMap = {
  wrap: define(["int", "string"], ([width, text], { budget }) =>
    wrap(text, { width, separator: "\n", breakWords: false }, budget),
  ),
  wrapWith: define(["int", "string", "string"], ([width, separator, text], { budget }) =>
    wrap(text, { width, separator, breakWords: true }, budget),
  ),
};
