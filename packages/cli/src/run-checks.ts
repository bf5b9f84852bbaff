import type { Violation } from "@package-operator/packaging";
import { errorText } from "./errors.ts";

/**
 * Runs all checks of a package, one after the other, and throws their findings as one error, a text below the other.
 * Errors that are no findings, like an interrupt, end the run.
 */
export async function runChecks(checks: readonly (() => unknown)[]): Promise<void> {
  const { PackageError } = await import("@package-operator/packaging");
  const errors: InstanceType<typeof PackageError>[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (first === undefined) return;
  throw new PackageError(first.code, errors.map(errorText).join("\n"), {
    violations: errors.flatMap(({ violations }) => violations),
    cause: first,
  });
}

/** The violations that an error carries, itself or in a cause. */
export function violationsOf(error: unknown): readonly Violation[] {
  if (!(error instanceof Error)) return [];
  const { violations } = error as { readonly violations?: readonly Violation[] };
  return violations === undefined || violations.length === 0 ? violationsOf(error.cause) : violations;
}
