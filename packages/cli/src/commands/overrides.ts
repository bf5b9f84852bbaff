import { type Command, type CommandGroup, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { boolFlag, type FlagValues, listFlag, stringFlag } from "../flags/flag.ts";
import { formatTable, outputFlag, writeResult } from "../output.ts";
import { openRegistries, type RegistryFlags, registryFlags } from "../registry-access.ts";
import { overrideFlag, readRules } from "../rules.ts";
import { closureOf } from "./mirror-plan.ts";
import { exportCommand } from "./overrides-export.ts";

const sourceFlag = listFlag(
  "package, bootstrap manifest or mirror lock whose images are meant too; may be repeated",
);

/** The references that a user means: those given, and those in the closures of sources. */
async function wantedReferences(
  context: Context,
  references: readonly string[],
  flags: FlagValues<RegistryFlags> & { readonly source: readonly string[] },
): Promise<readonly string[]> {
  if (flags.source.length === 0) return references;
  const registries = await openRegistries(context, flags);
  try {
    const { images } = await closureOf(context, flags.source, registries);
    return [...new Set([...references, ...images.flatMap((image) => image.references)])];
  } finally {
    await registries.close();
  }
}

const lintCommand: Command = defineCommand({
  name: "lint",
  summary: "Find mistakes in override rules",
  description:
    "Find mistakes in override rules. REFERENCES and the images of --source are what the rules are meant for; without them\n" +
    "plausible ones are made up.",
  examples: [
    "kubectl package overrides lint --override quay.io/org=mirror.example/org quay.io/org/app:v1",
    "kubectl package overrides lint --override quay.io/org/=mirror.example/org/ --source self-bootstrap-job.yaml",
  ],
  usage: "[reference...]",
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: {
    override: overrideFlag,
    hosts: stringFlag(
      "registry host overrides (PKO_REGISTRY_HOST_OVERRIDES) to check together with the rules",
    ),
    source: sourceFlag,
    output: outputFlag,
    ...registryFlags,
  },
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    const { lintOverrides } = await import("@package-operator/image");
    const references = await wantedReferences(context, args, flags);
    const findings = lintOverrides({
      prefix: flags.override.join(","),
      hosts: flags.hosts,
      ...(references.length === 0 ? {} : { references }),
    });
    const lines = findings.map(({ severity, code, rule, message, example }) => {
      const shown = example === undefined ? "" : `\n    ${example.reference} → ${example.result}`;
      return `${severity} ${code} ${JSON.stringify(rule)}: ${message}${shown}\n`;
    });
    const text = lines.length === 0 ? "no findings\n" : lines.join("");
    await writeResult(context, flags.output, { value: { findings }, text });
    return findings.length === 0 ? 0 : 1;
  },
});

const explainCommand: Command = defineCommand({
  name: "explain",
  summary: "Show what override rules make of a reference, and why",
  description:
    "Show what override rules make of a reference, and why. A rule counts wherever its text stands at the start of the\n" +
    "reference, as it does for the operator; --strict shows what would be if it had to end where a part of the name ends.",
  examples: [
    "kubectl package overrides explain --override quay.io/=mirror.example/ quay.io/org/app:v1",
    "kubectl package overrides explain --strict --override quay.io/org=mirror.example/org quay.io/org-fork/app:v1",
  ],
  usage: "reference",
  args: 1,
  flags: {
    override: overrideFlag,
    hosts: stringFlag("registry host overrides (PKO_REGISTRY_HOST_OVERRIDES)"),
    strict: boolFlag("let rules match whole parts of names only, unlike the operator"),
    output: outputFlag,
  },
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    const { explainOverride, parseHostOverrides } = await import("@package-operator/image");
    const prefix = readRules(flags.override);
    const explanation = explainOverride(args[0]!, {
      prefix,
      hosts: parseHostOverrides(flags.hosts),
      boundaries: flags.strict ? "strict" : "text",
    });
    const { reference, rules, overridden, hostRule, pull, error } = explanation;
    const rows = [
      ["reference", reference],
      ...rules.map(({ rule, outcome, boundary }) => {
        const where = outcome === "applied" && !boundary ? ", within a name" : "";
        return ["rule", `${rule.from}=${rule.to} (${outcome}${where})`];
      }),
      ["rewritten", overridden],
      ...(hostRule === undefined ? [] : [["host rule", `${hostRule.from}=${hostRule.to}`]]),
      error === undefined ? ["pulled from", pull ?? ""] : ["error", error.message],
    ];
    const value = { ...explanation, ...(error === undefined ? {} : { error: error.message }) };
    await writeResult(context, flags.output, { value, text: formatTable(rows) });
    return error === undefined ? 0 : 1;
  },
});

const suggestCommand: Command = defineCommand({
  name: "suggest",
  summary: "Find the smallest rules that move images below a mirror",
  examples: [
    "kubectl package overrides suggest --to mirror.example/pko quay.io/org/app:v1 quay.io/org/web:v2",
    "kubectl package overrides suggest --to mirror.example/pko --source self-bootstrap-job.yaml",
  ],
  usage: "[reference...]",
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: {
    to: stringFlag("prefix of the mirror, for example mirror.example/pko"),
    source: sourceFlag,
    output: outputFlag,
    ...registryFlags,
  },
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    if (flags.to === "") throw new CliError("usage", "no mirror given: use --to PREFIX");
    if (args.length === 0 && flags.source.length === 0) {
      throw new CliError("usage", "no images given: name references, or a --source");
    }
    const { suggestRules } = await import("@package-operator/mirror");
    const { formatPrefixOverrides } = await import("@package-operator/image");
    const rules = suggestRules(await wantedReferences(context, args, flags), flags.to);
    const overrides = formatPrefixOverrides(rules);
    await writeResult(context, flags.output, { value: { overrides, rules }, text: `${overrides}\n` });
    return 0;
  },
});

export const overridesCommand: CommandGroup = {
  kind: "group",
  name: "overrides",
  summary: "Check, explain and find image prefix override rules",
  commands: [lintCommand, explainCommand, suggestCommand, exportCommand],
};
