import type { PrefixRule } from "@package-operator/image";
import type { Closure, MirrorPlan } from "@package-operator/mirror";
import type { RegistryClient } from "@package-operator/oci";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import { readRules } from "../rules.ts";
import { formatBytes, formatTable } from "../output.ts";

/** Reads all sources and walks to everything they need. */
export async function closureOf(
  context: Context,
  sources: readonly string[],
  registries: RegistryClient,
): Promise<Closure> {
  const { computeClosure, readSource } = await import("@package-operator/mirror");
  const { cwd, signal } = context;
  const roots = await Promise.all(
    sources.map((source) => readSource(source, { cwd, signal, readStdin: () => readText(context, "-") })),
  );
  return computeClosure(
    {
      requests: roots.flatMap(({ requests }) => requests),
      packages: roots.flatMap(({ packages }) => packages),
    },
    { open: (registry, repository) => registries.repository(registry, repository), signal },
  );
}

/** The rules of `--override`, or those that move the closure below `--to`. Exactly one of the two must be given. */
export async function rulesFor(
  closure: Closure,
  flags: { readonly to: string; readonly override: readonly string[] },
): Promise<readonly PrefixRule[]> {
  if (flags.override.length > 0) return readRules(flags.override);
  const { suggestRules } = await import("@package-operator/mirror");
  return suggestRules(
    closure.images.flatMap(({ references }) => references),
    flags.to,
  );
}

/** Checks `--to` and `--override` before anything is read. */
export function requireTarget(flags: { readonly to: string; readonly override: readonly string[] }): void {
  if (flags.to !== "" || flags.override.length > 0) return;
  throw new CliError("usage", "no target given: use --to PREFIX, or --override from=to");
}

/** A plan as a table: what happens, how much, from where, to where. */
export function formatPlan(plan: MirrorPlan): string {
  const rows = plan.entries.map(({ action, bytesToMove, source, digest, target, tags }) => [
    action,
    formatBytes(bytesToMove),
    `${source}@${digest.slice(0, 19)}`,
    `${target}${tags.length === 0 ? "" : `:${tags.join(",")}`}`,
  ]);
  return (
    formatTable([["ACTION", "BYTES", "SOURCE", "TARGET"], ...rows]) +
    `\n${plan.entries.length} images, ${formatBytes(plan.bytesToMove)} to move\nrules: ${plan.overrides}\n`
  );
}
