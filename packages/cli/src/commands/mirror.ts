import type { AppliedEntry, MirrorPlan } from "@package-operator/mirror";
import type { ClientEvent, RegistryClient } from "@package-operator/oci";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { readText, writeText } from "../files.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { formatBytes, outputFlag, writeResult } from "../output.ts";
import { createProgress, type Progress } from "../progress.ts";
import { openRegistries, registryFlags } from "../registry-access.ts";
import { overrideFlag } from "../rules.ts";
import { closureOf, formatPlan, requireTarget, rulesFor } from "./mirror-plan.ts";

export const mirrorCommand: Command = defineCommand({
  name: "mirror",
  summary: "Copy a package and everything it needs into another registry",
  description:
    "Copy a package and everything it needs into another registry, by digest, all platforms.\n" +
    "SOURCE is a package image, a package folder, a bootstrap manifest (file or -), or a mirror lock.",
  examples: [
    "kubectl package mirror self-bootstrap-job.yaml --to mirror.example/pko --rewrite self-bootstrap-job.yaml -o job.yaml",
    "kubectl package mirror quay.io/org/app-package:v1 --override quay.io/org/=mirror.example/org/ --dry-run",
  ],
  usage: "source...",
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  flags: {
    to: stringFlag("prefix of the mirror; rules are found that move everything below it"),
    override: overrideFlag,
    "dry-run": boolFlag("print the plan and copy nothing"),
    referrers: boolFlag("also copy signatures, attestations and other referrers", { initial: true }),
    lock: stringFlag("write what the mirror holds to this file"),
    rewrite: stringFlag("also rewrite this bootstrap manifest"),
    "output-file": stringFlag("where the rewritten manifest goes (default stdout)", { short: "o" }),
    output: outputFlag,
    ...registryFlags,
  },
  exclusive: [["to", "override"]],
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    requireTarget(flags);
    const { formatMirrorLock, lockOf, planMirror } = await import("@package-operator/mirror");
    const observer: { progress?: Progress } = {};
    const registries = await openRegistries(context, flags, {
      onEvent: (event) => observer.progress?.note(describeEvent(event)),
    });
    try {
      const closure = await closureOf(context, args, registries);
      const rules = await rulesFor(closure, flags);
      const openTarget: RegistryClient["repository"] = (registry, name) =>
        registries.repository(registry, name);
      const plan = await planMirror(closure, { rules, openTarget, signal: context.signal });
      // Before anything is copied, so that a manifest that cannot be rewritten costs nothing.
      const manifest = await rewritten(context, flags.rewrite, plan);
      for (const warning of plan.warnings) context.stderr.write(`Warning: ${warning}\n`);
      if (flags["dry-run"]) {
        await writeResult(context, flags.output, { value: plan, text: formatPlan(plan) });
        return 0;
      }
      const applied = await copy(context, plan, registries, { ...flags, observer });
      const failed = applied.filter(({ error }) => error !== undefined);
      await writeResult(context, flags.output, {
        value: resultValue(plan, applied),
        text: summary(plan, applied),
      });
      if (failed.length > 0) {
        throw new CliError("problem", failed.map(({ error }) => error!.message).join("\nError: "));
      }
      if (flags.lock !== "") await writeText(context, flags.lock, formatMirrorLock(lockOf(plan)));
      if (manifest !== undefined) await writeText(context, manifestTarget(flags), manifest);
      return 0;
    } finally {
      observer.progress?.close();
      await registries.close();
    }
  },
});

function manifestTarget(flags: { readonly "output-file": string }): string {
  return flags["output-file"] === "" ? "-" : flags["output-file"];
}

async function rewritten(context: Context, file: string, plan: MirrorPlan): Promise<string | undefined> {
  if (file === "") return undefined;
  const { rewriteManifest } = await import("@package-operator/mirror");
  const { parsePrefixOverrides } = await import("@package-operator/image");
  const { text, warnings } = rewriteManifest(
    await readText(context, file),
    parsePrefixOverrides(plan.overrides).rules,
    file,
  );
  for (const warning of warnings) context.stderr.write(`Warning: ${warning}\n`);
  return text;
}

interface CopyFlags {
  readonly concurrency: number;
  readonly referrers: boolean;
  readonly observer: { progress?: Progress };
}

async function copy(
  context: Context,
  plan: MirrorPlan,
  registries: RegistryClient,
  { concurrency, referrers, observer }: CopyFlags,
): Promise<readonly AppliedEntry[]> {
  const { applyPlan } = await import("@package-operator/mirror");
  const open: RegistryClient["repository"] = (registry, repository) =>
    registries.repository(registry, repository);
  const progress = createProgress(context, { images: plan.entries.length, bytes: plan.bytesToMove });
  observer.progress = progress;
  return applyPlan(plan, {
    openSource: open,
    openTarget: open,
    concurrency,
    referrers,
    signal: context.signal,
    onEvent: (_entry, event) => {
      if (event.type === "bytes") progress.addBytes(event.count);
    },
    onEntry: ({ entry, result, error }) => {
      const outcome = result === undefined ? "failed" : result.outcome;
      progress.finish(
        `${outcome} ${entry.target}@${entry.digest}${error === undefined ? "" : `: ${error.message}`}`,
      );
    },
  });
}

function describeEvent(event: ClientEvent): string {
  switch (event.type) {
    case "retry":
      return `${event.registry}: ${event.reason}; try ${event.attempt + 1} in ${Math.ceil(event.delayMs / 1000)} s`;
    case "concurrency":
      return `${event.registry}: ${event.limit} requests at a time from now on`;
    case "quota":
      return `${event.registry}: ${event.remaining} of ${event.limit} pulls left`;
  }
}

function resultValue(plan: MirrorPlan, applied: readonly AppliedEntry[]): unknown {
  return {
    overrides: plan.overrides,
    entries: applied.map(({ entry, result, error }) => ({
      ...entry,
      ...(result === undefined ? {} : { result }),
      ...(error === undefined ? {} : { error: error.message }),
    })),
    warnings: plan.warnings,
  };
}

function summary(plan: MirrorPlan, applied: readonly AppliedEntry[]): string {
  const count = (wanted: string): number => applied.filter(({ result }) => result?.outcome === wanted).length;
  const bytes = applied.reduce((sum, { result }) => sum + (result?.bytes ?? 0), 0);
  return (
    `${count("copied")} images copied, ${count("present")} were there, ${formatBytes(bytes)} sent\n` +
    `rules: ${plan.overrides}\n`
  );
}
