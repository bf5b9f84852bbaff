import path from "node:path";
import type {
  AppliedEntry,
  ApplyPlanOptions,
  MirrorJournal,
  MirrorPlan,
  OpenSource,
} from "@package-operator/mirror";
import type { ClientEvent, RegistryClient } from "@package-operator/oci";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { writeText } from "../files.ts";
import { boolFlag, type Flag, type FlagValues, stringFlag } from "../flags/flag.ts";
import { formatBytes, outputFlag, type OutputFormat, writeResult } from "../output.ts";
import { createProgress, type Progress, type ProgressOptions } from "../progress.ts";
import { openRegistries, type RegistryFlags, registryFlags } from "../registry-access.ts";

/** The flags of everything that copies. */
export interface CopyFlags extends RegistryFlags {
  readonly referrers: Flag<boolean>;
  readonly "no-referrers": Flag<boolean>;
  readonly lock: Flag<string>;
  readonly rewrite: Flag<string>;
  readonly "output-file": Flag<string>;
  readonly journal: Flag<string>;
  readonly output: Flag<OutputFormat | "">;
}

export const copyFlags: CopyFlags = {
  referrers: boolFlag("also copy signatures, attestations and other referrers", { initial: true }),
  "no-referrers": boolFlag("copy images only"),
  lock: stringFlag("write what the mirror holds to this file"),
  rewrite: stringFlag("also rewrite this bootstrap manifest"),
  "output-file": stringFlag("where the rewritten manifest goes (default stdout)", { short: "o" }),
  journal: stringFlag("folder that remembers interrupted runs (default in XDG_STATE_HOME)"),
  output: outputFlag,
  ...registryFlags,
};

/** One run of `mirror`: how it reaches registries, shows what goes on, and reports. */
export interface MirrorRun {
  readonly open: RegistryClient["repository"];
  readonly registries: RegistryClient;
  /** Options for whatever applies a plan; shows progress from now on. */
  applyOptions(total: ProgressOptions): Omit<ApplyPlanOptions, "openSource" | "openTarget">;
  /** Copies a plan's images; a run that was interrupted goes on where it stopped. */
  copy(plan: MirrorPlan, openSource: OpenSource): Promise<readonly AppliedEntry[]>;
}

/** Opens what a run needs, and closes it however the run ends. */
export async function withMirrorRun(
  context: Context,
  flags: FlagValues<CopyFlags>,
  step: (run: MirrorRun) => Promise<number>,
): Promise<number> {
  const observer: { progress?: Progress } = {};
  const registries = await openRegistries(context, flags, {
    onEvent: (event) => observer.progress?.note(describeEvent(event)),
  });
  const open: RegistryClient["repository"] = (registry, repository) =>
    registries.repository(registry, repository);
  const run: MirrorRun = {
    open,
    registries,
    applyOptions(total) {
      const progress = createProgress(context, total);
      observer.progress = progress;
      return {
        concurrency: flags.concurrency,
        referrers: flags.referrers && !flags["no-referrers"],
        signal: context.signal,
        onEvent(entry, event) {
          if (event.type === "bytes") progress.addBytes(entry, event.count);
        },
        onEntry: ({ entry, result, error }) =>
          progress.finish(
            entry,
            `${result?.outcome ?? "failed"} ${entry.target}@${entry.digest}${failure(error)}`,
          ),
      };
    },
    async copy(plan, openSource) {
      const { applyPlan } = await import("@package-operator/mirror");
      const journal = await openRunJournal(context, flags.journal, plan);
      const options = run.applyOptions({ images: plan.entries.length, bytes: plan.bytesToMove });
      const applied = await applyPlan(plan, {
        ...options,
        ...(journal === undefined ? {} : { journal }),
        openSource,
        openTarget: open,
      });
      if (applied.every(({ error }) => error === undefined)) await journal?.clear();
      return applied;
    },
  };
  try {
    return await step(run);
  } finally {
    observer.progress?.close();
    await registries.close();
  }
}

/** One journal per set of rules, in the folder that is meant for such state (XDG base directory specification). */
async function openRunJournal(
  { cwd, env }: Context,
  dir: string,
  plan: MirrorPlan,
): Promise<MirrorJournal | undefined> {
  const home = env["HOME"];
  const state = env["XDG_STATE_HOME"] ?? (home === undefined ? undefined : path.join(home, ".local/state"));
  if (dir === "" && state === undefined) return undefined;
  const folder = dir === "" ? path.join(state!, "kubectl-package/mirror") : path.resolve(cwd, dir);
  const { openJournal } = await import("@package-operator/mirror");
  const { digestOf } = await import("@package-operator/oci");
  const file = path.join(folder, `${digestOf(plan.overrides).slice("sha256:".length, 23)}.jsonl`);
  try {
    return await openJournal(file);
  } catch (cause) {
    throw new CliError(
      "input",
      `journal ${file}: ${(cause as Error).message}; choose another place with --journal`,
      {
        cause,
      },
    );
  }
}

function failure(error: Error | undefined): string {
  return error === undefined ? "" : `: ${error.message}`;
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

/** Prints what came of a run. @throws CliError `problem` with every failure. */
export async function reportApplied(
  context: Context,
  format: OutputFormat | "",
  plan: MirrorPlan,
  applied: readonly AppliedEntry[],
): Promise<void> {
  await writeResult(context, format, { value: resultValue(plan, applied), text: summary(plan, applied) });
  const errors = applied.flatMap(({ error }) => error ?? []);
  if (errors.length === 0) return;
  throw new CliError("problem", errors.map(({ message }) => message).join("\nError: "));
}

/** Writes the files that `--lock` and `-o` ask for, after everything went well. */
export async function writeOutputs(
  context: Context,
  flags: Pick<FlagValues<CopyFlags>, "lock" | "output-file">,
  outputs: { plan: MirrorPlan; applied: readonly AppliedEntry[]; manifest: string | undefined },
): Promise<void> {
  const { formatMirrorLock, lockOf } = await import("@package-operator/mirror");
  const { plan, applied, manifest } = outputs;
  if (flags.lock !== "") await writeText(context, flags.lock, formatMirrorLock(lockOf(plan, applied)));
  if (manifest === undefined) return;
  await writeText(context, flags["output-file"] === "" ? "-" : flags["output-file"], manifest);
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
  const referrers = applied.reduce((sum, { result }) => sum + (result?.referrers.length ?? 0), 0);
  return (
    `${count("copied")} images copied, ${count("present")} were there, ${formatBytes(bytes)} sent` +
    `${referrers === 0 ? "" : `, ${referrers} signatures and other referrers with them`}\n` +
    (plan.overrides === "" ? "" : `rules: ${plan.overrides}\n`)
  );
}
