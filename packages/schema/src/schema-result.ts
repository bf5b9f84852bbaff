import { formatFieldError, type FieldError } from "./field-error.ts";

/**
 * Findings of one validation pass, with the count of checks that were made and passed: among the
 * branches of `anyOf` and `oneOf`, the errors of the branch with the highest count are shown.
 */
export interface SchemaResult {
  /** Errors by their text, so that each is reported once. */
  readonly errors: Map<string, FieldError>;
  matches: number;
}

/** A result with these errors and no passed check. */
export function newResult(...errors: FieldError[]): SchemaResult {
  return { errors: new Map(errors.map((error) => [formatFieldError(error), error])), matches: 0 };
}

/** Adds an error unless one with the same text is there. */
export function addError(target: SchemaResult, error: FieldError): void {
  const text = formatFieldError(error);
  if (!target.errors.has(text)) target.errors.set(text, error);
}

/** Adds errors and passed checks of `other` to `target`. */
export function mergeResult(target: SchemaResult, other: SchemaResult): void {
  for (const [text, error] of other.errors) if (!target.errors.has(text)) target.errors.set(text, error);
  target.matches += other.matches;
}
