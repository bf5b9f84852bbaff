import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import type { FlagValues } from "../flags/flag.ts";
import { readManifest, rewriteByPlan, warn } from "./mirror-plan.ts";
import { type CopyFlags, reportApplied, withMirrorRun, writeOutputs } from "./mirror-run.ts";

/** `mirror apply PLAN`: copies exactly what an approved plan file says. */
export function applyPlanFile(
  context: Context,
  args: readonly string[],
  flags: FlagValues<CopyFlags>,
): Promise<number> {
  const [file, ...more] = args;
  if (file === undefined || more.length > 0) {
    throw new CliError("usage", "mirror apply takes one plan file, as mirror --plan writes it");
  }
  return withMirrorRun(context, flags, async (run) => {
    const { parseMirrorPlan } = await import("@package-operator/mirror");
    const plan = parseMirrorPlan(await readText(context, file), file);
    const manifest = await rewriteByPlan(context, await readManifest(context, flags.rewrite), plan);
    warn(context, plan.warnings);
    const applied = await run.copy(plan, run.open);
    await reportApplied(context, flags.output, plan, applied);
    await writeOutputs(context, flags, { plan, applied, manifest });
    return 0;
  });
}
