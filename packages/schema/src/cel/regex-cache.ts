import { compileRegex, type Regex } from "../regex.ts";
import { CelEvaluationError } from "./cel-error.ts";
import type { CelCallContext } from "./cel-overload.ts";

/** Longest pattern, so that compiling one is bounded. */
const maxPattern = 10_000;

/**
 * Compiles a pattern at run time.
 *
 * @throws CelEvaluationError with Go's text.
 */
export function runtimeRegex(pattern: string, context: CelCallContext): Regex {
  context.spend(Math.ceil(pattern.length / 4));
  if (pattern.length > maxPattern) throw new CelEvaluationError("error parsing regexp: expression too large");
  try {
    return compileRegex(pattern);
  } catch (error) {
    throw new CelEvaluationError((error as Error).message, { cause: error });
  }
}

/** Charges a search and runs it: RE2 takes time in the order of the product of both lengths. */
export function searchCost(pattern: string, text: string): number {
  return Math.ceil((text.length / 10) * Math.max(1, pattern.length / 4));
}

/** Whether a pattern matches anywhere in a text. */
export function matchText(pattern: string, text: string, context: CelCallContext): boolean {
  const regex = runtimeRegex(pattern, context);
  context.spend(searchCost(pattern, text));
  return regex.test(text);
}
