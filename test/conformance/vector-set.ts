import type { JsonObject } from "@package-operator/kube-yaml";

/** What a vector says and what our code does; the vector passes when both are deeply equal. */
export interface Comparison {
  readonly expected: unknown;
  readonly actual: unknown;
}

/** How the vectors of one file are read and checked. */
export interface VectorSet {
  /**
   * `exact` keeps integers beyond 2^53 (as bigint), `marked` also keeps `2.0` apart from `2` (see parseMarkedJson);
   * `double` reads every number as Go reads untyped JSON.
   */
  readonly numbers: "exact" | "marked" | "double";
  readonly check: (vector: JsonObject) => Comparison;
}

/** Defines a set whose vectors have a known shape. */
export function vectorSet<Vector>(
  check: (vector: Vector) => Comparison,
  numbers: VectorSet["numbers"] = "double",
): VectorSet {
  return { numbers, check: (vector) => check(vector as Vector) };
}

/** What a call gave: its value, or the message of what it threw. */
export function outcome<T>(call: () => T): { readonly value: T } | { readonly error: string } {
  try {
    return { value: call() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Go's CEL parser is generated, and words syntax errors by the tables of its grammar (`mismatched input … expecting {…}`).
 * Ours says what it expected; that it is a syntax error, and where upstream wraps it, has to agree.
 */
export function withoutSyntaxDetails(error: string | undefined): string | undefined {
  return error?.replace(/(?:ERROR: )?<input>:[\s\S]*?Syntax error:[\s\S]*$/, "Syntax error");
}
