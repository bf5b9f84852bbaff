import { RE2JS } from "re2js";
import { SchemaError } from "./errors.ts";

/** A compiled RE2 expression: matching takes time linear in the text. */
export interface Regex {
  /** Whether the expression matches anywhere in the text. */
  test(text: string): boolean;
  /** All non-overlapping matches, up to `limit` (negative: all). */
  findAll(text: string, limit: number): string[];
}

/**
 * Compiles an RE2 expression as Go's `regexp.Compile` does.
 *
 * @throws SchemaError `invalid-regex` with Go's text.
 */
export function compileRegex(pattern: string): Regex {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    // Go always names the place, here an empty one.
    const message = (error as Error).message.replace(/end of expression$/, "end of expression: ``");
    throw new SchemaError("invalid-regex", message, { cause: error });
  }
  return {
    test: (text) => compiled.matcher(text).find(),
    findAll: (text, limit) => {
      const found: string[] = [];
      const matcher = compiled.matcher(text);
      while (found.length !== limit && matcher.find()) found.push(matcher.group() ?? "");
      return found;
    },
  };
}
