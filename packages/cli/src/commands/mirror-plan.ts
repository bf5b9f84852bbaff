import path from "node:path";
import type { PrefixRule } from "@package-operator/image";
import type { ArchivedManifest, Closure, MirrorPlan, OpenSource } from "@package-operator/mirror";
import type { RegistryClient } from "@package-operator/oci";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import { formatBytes, formatTable } from "../output.ts";
import { readRules } from "../rules.ts";

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
      leaks: roots.flatMap(({ leaks }) => leaks),
    },
    { open: (registry, repository) => registries.repository(registry, repository), signal },
  );
}

/** Where a run's images come from: registries, or an archive. */
export interface MirrorInput {
  readonly closure: Closure;
  readonly open: OpenSource;
  /** The rules that an archive was made with. */
  readonly overrides: string;
  /** The manifest of an archive. */
  readonly manifest: ArchivedManifest | undefined;
  close(): Promise<void>;
}

/** Opens the archive of `--from-archive`, which then is the only place images are read from, or reads the sources. */
export async function openInput(
  context: Context,
  sources: readonly string[],
  { archive, registries }: { readonly archive: string; readonly registries: RegistryClient },
): Promise<MirrorInput> {
  if (archive === "") {
    return {
      closure: await closureOf(context, sources, registries),
      open: (registry, repository) => registries.repository(registry, repository),
      overrides: "",
      manifest: undefined,
      close: () => Promise.resolve(),
    };
  }
  const { archiveRoots, computeClosure, openArchive } = await import("@package-operator/mirror");
  const opened = await openArchive(path.resolve(context.cwd, archive));
  try {
    const { open, plan, manifest } = opened;
    const closure = await computeClosure(archiveRoots(opened), { open, signal: context.signal });
    return { closure, open, overrides: plan.overrides, manifest, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The rules of `--override`, else those that move the closure below `--to`, else those an archive was made with. */
export async function rulesFor(
  { closure, overrides }: Pick<MirrorInput, "closure" | "overrides">,
  flags: { readonly to: string; readonly override: readonly string[] },
): Promise<readonly PrefixRule[]> {
  if (flags.override.length > 0) return readRules(flags.override);
  if (flags.to === "") return overrides === "" ? [] : readRules([overrides]);
  const { suggestRules } = await import("@package-operator/mirror");
  return suggestRules(
    closure.images.flatMap(({ references }) => references),
    flags.to,
  );
}

/** Rewrites a manifest by a plan's rules; undefined when there is none. */
export async function rewriteByPlan(
  context: Context,
  manifest: ArchivedManifest | undefined,
  plan: Pick<MirrorPlan, "overrides">,
): Promise<string | undefined> {
  if (manifest === undefined) return undefined;
  const { rewriteManifest } = await import("@package-operator/mirror");
  const { parsePrefixOverrides } = await import("@package-operator/image");
  const { rules } = parsePrefixOverrides(plan.overrides);
  const { text, warnings } = rewriteManifest(manifest.text, rules, manifest.file);
  warn(context, warnings);
  return text;
}

/** Reads the manifest that `--rewrite` names. */
export async function readManifest(context: Context, file: string): Promise<ArchivedManifest | undefined> {
  return file === "" ? undefined : { text: await readText(context, file), file };
}

export function warn(context: Context, warnings: readonly string[]): void {
  for (const warning of warnings) context.stderr.write(`Warning: ${warning}\n`);
}

/** The error for a run that does not say where to. */
export function noTarget(): CliError {
  return new CliError("usage", "no target given: use --to PREFIX, or --override from=to");
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
