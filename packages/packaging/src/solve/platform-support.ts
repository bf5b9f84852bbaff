import { type Constraint, containsConstraint, parseConstraint } from "@package-operator/schema";
import { PackageError } from "../errors.ts";
import type { ManifestConstraint } from "../manifest.ts";

/** A range of versions with the text it was written as. */
export interface PlatformRange {
  readonly text: string;
  readonly constraint: Constraint;
}

/** The platforms that constraints name, each with the versions that are supported. */
export type PlatformSupport = ReadonlyMap<string, PlatformRange>;

const everyVersion: PlatformRange = { text: "x-x", constraint: parseConstraint("x-x") };

/**
 * What constraints say about platforms: those in every `platform` list are supported in any version, those with a
 * `platformVersion` in its range.
 *
 * @throws PackageError `dependencies` for constraints without a platform or with a range that is none.
 */
export function platformSupport(constraints: readonly ManifestConstraint[]): PlatformSupport {
  const lists = constraints.flatMap(({ platform }, index) => {
    if (platform?.includes("") === true) {
      throw inconsistent(`:  constraint #${index} has empty platform type in allow list`);
    }
    return platform === undefined ? [] : [platform];
  });
  const allowed = (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
  const support = new Map(allowed.map((name) => [name, everyVersion]));
  for (const [index, { platformVersion }] of constraints.entries()) {
    if (platformVersion === undefined) continue;
    const { name, range } = platformVersion;
    if (name === "") throw inconsistent(`: constraint #${index} has empty platform type for version range`);
    support.set(name, { text: range, constraint: parseRange(range, index) });
  }
  return support;
}

function parseRange(range: string, index: number): Constraint {
  try {
    return parseConstraint(range);
  } catch (cause) {
    throw inconsistent(`: constraint #${index} has invalid range: ${(cause as Error).message}`, cause);
  }
}

function inconsistent(reason: string, cause?: unknown): PackageError {
  return new PackageError("dependencies", `package repository inconsistent${reason}`, { cause });
}

/** Why something does not support all that is required, a sentence per platform; empty when it does. */
export function missingSupport(
  required: PlatformSupport,
  offered: PlatformSupport,
  subject: string,
): string[] {
  return [...required].flatMap(([platform, { text, constraint }]) => {
    const range = offered.get(platform);
    if (range === undefined) {
      return [`support for platform "${platform}" is required but ${subject} does not support it`];
    }
    if (containsConstraint(range.constraint, constraint)) return [];
    return [
      `support for platform "${platform}" within range "${text}" is required but ${subject} supports only "${range.text}"`,
    ];
  });
}
