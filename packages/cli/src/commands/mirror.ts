import path from "node:path";
import type { PrefixRule } from "@package-operator/image";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { writeText } from "../files.ts";
import { boolFlag, type Flag, type FlagValues, intFlag, stringFlag, stringsFlag } from "../flags/flag.ts";
import { writeResult } from "../output.ts";
import { overrideFlag } from "../rules.ts";
import { applyPlanFile } from "./mirror-apply.ts";
import {
  formatPlan,
  type MirrorInput,
  noTarget,
  openInput,
  readManifest,
  rewriteByPlan,
  rulesFor,
  warn,
} from "./mirror-plan.ts";
import {
  type CopyFlags,
  copyFlags,
  type MirrorRun,
  reportApplied,
  withMirrorRun,
  writeOutputs,
} from "./mirror-run.ts";

interface MirrorFlags extends CopyFlags {
  readonly to: Flag<string>;
  readonly override: Flag<readonly string[]>;
  readonly "dry-run": Flag<boolean>;
  readonly plan: Flag<string>;
  readonly "to-archive": Flag<string>;
  readonly "from-archive": Flag<string>;
  readonly "max-depth": Flag<number>;
  readonly platform: Flag<readonly string[]>;
  readonly "allow-new-index": Flag<boolean>;
}

const mirrorFlags: MirrorFlags = {
  to: stringFlag("prefix of the mirror; rules are found that move everything below it"),
  override: overrideFlag,
  "dry-run": boolFlag("print the plan and copy nothing"),
  plan: stringFlag("write the plan to this file and copy nothing; mirror apply copies it"),
  "to-archive": stringFlag("gather everything in this tar instead of a registry"),
  "from-archive": stringFlag("take everything from this tar; no source registry is asked"),
  "max-depth": intFlag("levels of a repository name that the target takes (default no bound)"),
  platform: stringsFlag("only this platform (os/arch) of each index; needs --allow-new-index"),
  "allow-new-index": boolFlag("let --platform make indexes with new digests"),
  ...copyFlags,
};

export const mirrorCommand: Command = defineCommand({
  name: "mirror",
  summary: "Copy a package and everything it needs into another registry",
  description:
    "Copy a package and everything it needs into another registry, by digest, all platforms.\n" +
    "SOURCE is a package image, a package folder or tar, a bootstrap manifest (file or -), or a mirror lock.\n" +
    "mirror apply PLAN copies what a plan file says, which --plan has written.",
  examples: [
    "kubectl package mirror self-bootstrap-job.yaml --to mirror.example/pko --rewrite self-bootstrap-job.yaml -o job.yaml",
    "kubectl package mirror quay.io/org/app-package:v1 --override quay.io/org/=mirror.example/org/ --plan plan.yaml",
    "kubectl package mirror apply plan.yaml --lock mirror.lock.yaml",
    "kubectl package mirror self-bootstrap-job.yaml --rewrite self-bootstrap-job.yaml --to-archive pko.tar",
    "kubectl package mirror --from-archive pko.tar --to mirror.example/pko -o job.yaml",
  ],
  usage: "source... | apply plan",
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: mirrorFlags,
  exclusive: [
    ["to", "override"],
    ["to-archive", "from-archive"],
    ["to-archive", "plan"],
    ["to-archive", "dry-run"],
  ],
  usageExitCode: 2,
  run: async (context, { args, flags, changed }) => {
    if (args[0] === "apply") {
      const unused = [...changed].find((name) => name in mirrorFlags && !(name in copyFlags));
      if (unused !== undefined)
        throw new CliError("usage", `--${unused} says nothing to mirror apply: the plan does`);
      return applyPlanFile(context, args.slice(1), flags);
    }
    checkSources(args, flags);
    return withMirrorRun(context, flags, async (run) => {
      const archive = flags["from-archive"];
      const opened = await openInput(context, args, { archive, registries: run.registries });
      try {
        const input = await narrow(context, flags, opened);
        const rules = await rulesFor(input, flags);
        if (flags["to-archive"] !== "") return await gather(context, flags, { run, input, rules });
        if (rules.length === 0) throw noTarget();
        return await mirror(context, flags, { run, input, rules });
      } finally {
        await opened.close();
      }
    });
  },
});

/** What can be known to be wrong before anything is read. */
function checkSources(args: readonly string[], flags: FlagValues<MirrorFlags>): void {
  const fromArchive = flags["from-archive"] !== "";
  if (fromArchive && args.length > 0) {
    throw new CliError("usage", "--from-archive takes no source: everything comes from the archive");
  }
  if (!fromArchive && args.length === 0) {
    throw new CliError("usage", "requires at least 1 arg(s), only received 0");
  }
  const hasTarget = flags.to !== "" || flags.override.length > 0;
  const isGathered = flags["to-archive"] !== "" && flags.lock === "" && flags["output-file"] === "";
  if (!hasTarget && !fromArchive && !isGathered) throw noTarget();
  if (flags["max-depth"] < 0) throw new CliError("usage", "--max-depth must not be negative");
}

/** Leaves only the platforms that were asked for. */
async function narrow(
  context: Context,
  flags: FlagValues<MirrorFlags>,
  input: MirrorInput,
): Promise<MirrorInput> {
  const { platform, "allow-new-index": allowNewIndex } = flags;
  if (platform.length === 0) return input;
  const { selectPlatforms } = await import("@package-operator/mirror");
  const { closure, open } = input;
  const { signal } = context;
  const narrowed = await selectPlatforms(closure, { platforms: platform, open, allowNewIndex, signal });
  return { ...input, closure: narrowed };
}

interface MirrorStep {
  readonly run: MirrorRun;
  readonly input: MirrorInput;
  readonly rules: readonly PrefixRule[];
}

/** Plans, and unless only the plan was asked for, copies. */
async function mirror(
  context: Context,
  flags: FlagValues<MirrorFlags>,
  { run, input, rules }: MirrorStep,
): Promise<number> {
  const { formatMirrorPlan, planMirror } = await import("@package-operator/mirror");
  const { signal } = context;
  const maxDepth = flags["max-depth"] === 0 ? undefined : flags["max-depth"];
  const plan = await planMirror(input.closure, { rules, openTarget: run.open, maxDepth, signal });
  // Before anything is copied, so that a manifest that cannot be rewritten costs nothing.
  const archived = flags["output-file"] === "" ? undefined : input.manifest;
  const original = (await readManifest(context, flags.rewrite)) ?? archived;
  const manifest = await rewriteByPlan(context, original, plan);
  warn(context, plan.warnings);
  if (flags.plan !== "") await writeText(context, flags.plan, formatMirrorPlan(plan));
  if (flags["dry-run"] || flags.plan !== "") {
    if (flags.plan !== "-") await writeResult(context, flags.output, { value: plan, text: formatPlan(plan) });
    return 0;
  }
  const applied = await run.copy(plan, input.open);
  await reportApplied(context, flags.output, plan, applied);
  await writeOutputs(context, flags, { plan, applied, manifest });
  return 0;
}

/** Writes an archive. */
async function gather(
  context: Context,
  flags: FlagValues<MirrorFlags>,
  { run, input, rules }: MirrorStep,
): Promise<number> {
  const { planArchive, planMirror, writeArchive } = await import("@package-operator/mirror");
  const { closure, open } = input;
  const gathered = planArchive(closure);
  const plan = rules.length === 0 ? gathered : await planMirror(closure, { rules });
  const original = await readManifest(context, flags.rewrite);
  const manifest = flags["output-file"] === "" ? undefined : await rewriteByPlan(context, original, plan);
  warn(context, plan.warnings);
  const applied = await writeArchive(path.resolve(context.cwd, flags["to-archive"]), closure, {
    ...run.applyOptions({ images: gathered.entries.length, bytes: gathered.bytesToMove }),
    openSource: open,
    rules,
    ...(original === undefined ? {} : { manifest: original }),
  });
  await reportApplied(context, flags.output, plan, applied);
  await writeOutputs(context, flags, { plan, applied, manifest });
  return 0;
}
