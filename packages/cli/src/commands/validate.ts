import type { LintWarning, Package } from "@package-operator/packaging";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, errorText, withPrefix } from "../errors.ts";
import { boolFlag } from "../flags/flag.ts";
import { outputFlag, writeResult } from "../output.ts";
import { isFolderSource, readSource } from "../package-source.ts";
import { insecureFlag, withUserRegistries } from "../registry-access.ts";
import { runChecks, violationsOf } from "../run-checks.ts";
import { fixtureFlags, runFolderTests } from "../template-tests.ts";

export const validateCommand: Command = defineCommand({
  name: "validate",
  summary: "Check a package folder, archive or image",
  description:
    "Check a package. The target is a folder, a tar of one, an archive written by build, or with --pull an image.\n" +
    "Things that are allowed and probably mistakes are listed as warnings.",
  examples: [
    "kubectl package validate ./toolshed",
    "kubectl package validate --pull quay.io/yard/toolshed:v1",
    "kubectl package validate ./toolshed --output json",
  ],
  usage: "target",
  args: 1,
  flags: {
    pull: boolFlag("the target is an image reference"),
    insecure: insecureFlag,
    ...fixtureFlags,
    output: outputFlag,
  },
  exclusive: [["update-fixtures", "no-generate"]],
  run: async (context, { args, flags }) => {
    const target = args[0]!;
    if (target === "") throw new CliError("input", "arguments invalid: 'target' must not be empty");
    const isText = flags.output === "text" || flags.output === "";
    try {
      const pkg = await withPrefix("validating package", () =>
        flags.pull ? validateImage(context, target, flags.insecure) : validateSource(context, target, flags),
      );
      const { lintPackage } = await import("@package-operator/packaging");
      const warnings = lintPackage(pkg);
      if (isText) for (const warning of warnings) context.stderr.write(`Warning: ${warningText(warning)}\n`);
      const value = { valid: true, violations: [], warnings };
      await writeResult(context, flags.output, { value, text: "Package validated successfully!" });
      return 0;
    } catch (error) {
      if (isText || context.signal.aborted) throw error;
      const value = { valid: false, error: errorText(error), violations: violationsOf(error), warnings: [] };
      await writeResult(context, flags.output, { value, text: "" });
      return 1;
    }
  },
});

function warningText({ message, component }: LintWarning): string {
  return component === undefined ? message : `component "${component}": ${message}`;
}

async function validateSource(
  context: Context,
  target: string,
  flags: { readonly "update-fixtures": boolean; readonly "no-generate": boolean },
): Promise<Package> {
  const raw = await withPrefix("getting package from path", () => readSource(context, target));
  const { loadPackage, validatePackage } = await import("@package-operator/packaging");
  const pkg = loadPackage(raw);
  await withPrefix("loading package from files", () =>
    runChecks([
      () => validatePackage(pkg),
      // Fixtures are hidden files, so an archive has none to compare with.
      ...(isFolderSource(target) ? [() => runFolderTests(context, pkg, target, flags)] : []),
    ]),
  );
  return pkg;
}

async function validateImage(context: Context, target: string, insecure: boolean): Promise<Package> {
  const { importImage, loadPackage, validatePackage } = await import("@package-operator/packaging");
  const { parseReference } = await import("@package-operator/image");
  const raw = await withPrefix("getting package from remote reference", async () => {
    await withPrefix("parsing remote reference", () => parseReference(target));
    return withUserRegistries(context, insecure, (registries) =>
      withPrefix("importing package from image", () => {
        const { repository, reference } = registries.image(target);
        return importImage(repository, reference, { signal: context.signal });
      }),
    );
  });
  const pkg = loadPackage(raw);
  await withPrefix("loading package from files", () => validatePackage(pkg));
  return pkg;
}
