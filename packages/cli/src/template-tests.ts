import { cp, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Package } from "@package-operator/packaging";
import type { Context } from "./context.ts";
import { boolFlag, type Flag } from "./flags/flag.ts";

/** What may be done about fixtures. */
export interface FixtureFlags extends Readonly<Record<string, Flag<unknown>>> {
  readonly "update-fixtures": Flag<boolean>;
  readonly "no-generate": Flag<boolean>;
}

export const fixtureFlags: FixtureFlags = {
  "update-fixtures": boolFlag("write the fixtures of all template tests anew"),
  "no-generate": boolFlag("fail when fixtures of a template test are missing, instead of creating them"),
};

/**
 * Runs the template tests of a package in a folder: compares with fixtures, and creates those that are missing, which is
 * said on stderr because nobody has reviewed them yet.
 *
 * @param target the folder as the user wrote it, for messages.
 */
export async function runFolderTests(
  context: Context,
  pkg: Package,
  target: string,
  flags: { readonly "update-fixtures": boolean; readonly "no-generate": boolean },
): Promise<void> {
  const { PackageError, runTemplateTests } = await import("@package-operator/packaging");
  const folder = path.resolve(context.cwd, target);
  if (flags["no-generate"]) await requireFixtures(pkg, folder, target);
  try {
    const { written } = flags["update-fixtures"]
      ? await rewriteFixtures(context, pkg, folder)
      : await runTemplateTests(pkg, folder, { signal: context.signal });
    for (const fixtures of written) {
      const shown = path.join(target, path.relative(folder, fixtures));
      context.stderr.write(`Wrote fixtures to ${shown}: review them, they are what the tests compare with\n`);
    }
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    const message = error.message.replaceAll(folder, target);
    const hint =
      error.code === "io" ? "; fixtures that are missing are created, so the folder must be writable" : "";
    throw new PackageError(error.code, message + hint, { cause: error, violations: error.violations });
  }
}

function fixtureFolders(pkg: Package): string[] {
  const own = (part: Package, below: string): string[] =>
    part.manifest.test.template.map(({ name }) => path.join(below, ".test-fixtures", name));
  return [
    ...pkg.components.flatMap((part) => own(part, path.join("components", part.manifest.metadata.name))),
    ...own(pkg, ""),
  ];
}

async function requireFixtures(pkg: Package, folder: string, target: string): Promise<void> {
  const missing: string[] = [];
  for (const fixtures of fixtureFolders(pkg)) {
    const isThere = await stat(path.join(folder, fixtures)).then(
      () => true,
      () => false,
    );
    if (!isThere) missing.push(path.join(target, fixtures));
  }
  if (missing.length === 0) return;
  const { PackageError } = await import("@package-operator/packaging");
  throw new PackageError(
    "violation",
    missing.map((place) => `fixtures are missing: ${place} (created without --no-generate)`).join("\n"),
  );
}

/** Renders everything elsewhere first, so that a template error leaves the old fixtures alone. */
async function rewriteFixtures(
  context: Context,
  pkg: Package,
  folder: string,
): Promise<{ readonly written: readonly string[] }> {
  const { runTemplateTests } = await import("@package-operator/packaging");
  const draft = await mkdtemp(path.join(tmpdir(), "pko-fixtures-"));
  try {
    await runTemplateTests(pkg, draft, { signal: context.signal });
    const written: string[] = [];
    for (const fixtures of fixtureFolders(pkg)) {
      const place = path.join(folder, fixtures);
      await rm(place, { recursive: true, force: true });
      await cp(path.join(draft, fixtures), place, { recursive: true });
      written.push(place);
    }
    return { written };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
