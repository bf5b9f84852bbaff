import { PackageError } from "../errors.ts";

/** What of a package can be made configurable. */
export const parameters = [
  "namespaces",
  "replicas",
  "tolerations",
  "nodeselectors",
  "resources",
  "env",
  "images",
] as const;

export type Parameter = (typeof parameters)[number];

/** Reads the words of `--parametrize`; `all` is all of them. @throws PackageError `configuration` for other words. */
export function parseParameters(words: readonly string[]): ReadonlySet<Parameter> {
  const known: readonly string[] = parameters;
  const unknown = words.find((word) => word !== "all" && !known.includes(word));
  if (unknown !== undefined) {
    throw new PackageError(
      "configuration",
      `unknown parameter ${JSON.stringify(unknown)}: known are ${parameters.join(", ")} and all`,
    );
  }
  return new Set(words.includes("all") ? parameters : parameters.filter((word) => words.includes(word)));
}
