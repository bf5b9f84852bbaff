import type { PrefixRule } from "@package-operator/image";
import type { KubeClient } from "@package-operator/kube";
import type { MirrorLock, VerifiedUse } from "@package-operator/mirror";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { openCluster } from "../cluster-access.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import { boolFlag, stringFlag, stringsFlag } from "../flags/flag.ts";
import { formatTable, outputFlag, writeResult } from "../output.ts";
import { registryFlags } from "../registry-access.ts";
import { overrideFlag, readRules } from "../rules.ts";
import { type ClusterPulls, openAsCluster } from "./verify-pulls.ts";

export const verifyClusterCommand: Command = defineCommand({
  name: "cluster",
  summary: "Check that everything a cluster runs or declares comes from the mirror",
  description:
    "Check that everything a cluster runs or declares comes from the mirror: Pods and what their nodes pulled, workload\n" +
    "templates, packages and their revisions. Exit code 1 when something does not.\n" +
    "With --preflight the mirror is asked for every image with the pull secrets that the cluster would use; with --manifest\n" +
    "for everything that a bootstrap manifest will fetch, before it is applied.",
  examples: [
    "kubectl package verify cluster --lock mirror.lock.yaml --preflight",
    "kubectl package verify cluster --manifest job.yaml",
  ],
  usage: "",
  args: 0,
  flags: {
    override: overrideFlag,
    lock: stringFlag("mirror lock: brings the rules and the digests that are expected"),
    namespace: stringsFlag("only this namespace; may be repeated", { short: "n" }),
    "exclude-namespace": stringsFlag("not this namespace; may be repeated"),
    preflight: boolFlag("also ask the mirror for every image, with the pull secrets of the cluster"),
    manifest: stringFlag("only ask the mirror for what this rewritten bootstrap manifest will fetch"),
    output: outputFlag,
    ...registryFlags,
  },
  exclusive: [
    ["manifest", "override"],
    ["manifest", "lock"],
  ],
  usageExitCode: 2,
  run: async (context, { flags, kubeconfig }) => {
    // Before the cluster is asked for anything.
    const expected = flags.manifest === "" ? await readExpected(context, flags) : undefined;
    const client = await openCluster(context, kubeconfig);
    const mirror = await openAsCluster(context, flags, client);
    try {
      const { uses, unreadable } =
        expected === undefined
          ? await inspectManifest(context, flags.manifest, mirror)
          : await inspectCluster(context, flags, { client, mirror, expected });
      for (const problem of unreadable) context.stderr.write(`Warning: not checked: ${problem}\n`);
      await writeResult(context, flags.output, {
        value: { images: uses, unreadable },
        text: formatUses(uses),
      });
      return uses.every(({ finding }) => finding === undefined) && unreadable.length === 0 ? 0 : 1;
    } finally {
      await mirror.close();
      await client.close();
    }
  },
});

/** What was judged, and what could not be. */
interface Inspection {
  readonly uses: readonly VerifiedUse[];
  readonly unreadable: readonly string[];
}

interface ClusterFlags {
  readonly override: readonly string[];
  readonly lock: string;
  readonly namespace: readonly string[];
  readonly "exclude-namespace": readonly string[];
  readonly preflight: boolean;
}

/** What is expected of a cluster. */
interface Expected {
  readonly rules: readonly PrefixRule[];
  readonly lock: MirrorLock | undefined;
}

async function readExpected(context: Context, flags: ClusterFlags): Promise<Expected> {
  const lock = await readLock(context, flags.lock);
  const rules = readRules(
    flags.override.length > 0 || lock === undefined ? flags.override : [lock.overrides],
  );
  if (rules.length > 0) return { rules, lock };
  throw new CliError("usage", "no rules given: use --override from=to, --lock FILE, or --manifest FILE");
}

interface ClusterInspection {
  readonly client: KubeClient;
  readonly mirror: ClusterPulls;
  readonly expected: Expected;
}

async function inspectCluster(
  context: Context,
  flags: ClusterFlags,
  { client, mirror, expected: { rules, lock } }: ClusterInspection,
): Promise<Inspection> {
  const { collectClusterImages, checkUses, lockedUses, verifyImageUses } =
    await import("@package-operator/mirror");
  const { signal } = context;
  const { uses, unreadable } = await collectClusterImages(client, {
    ...(flags.namespace.length === 0 ? {} : { namespaces: flags.namespace }),
    excludeNamespaces: flags["exclude-namespace"],
    signal,
  });
  const verified = verifyImageUses(uses, { rules, ...(lock === undefined ? {} : { lock: lock.images }) });
  if (!flags.preflight) return { uses: verified, unreadable };
  const planned = lock === undefined ? [] : lockedUses(lock, flags.lock);
  return { uses: await checkUses([...verified, ...planned], { open: mirror.open, signal }), unreadable };
}

async function inspectManifest(context: Context, file: string, mirror: ClusterPulls): Promise<Inspection> {
  const { preflightManifest } = await import("@package-operator/mirror");
  const open = await mirror.openAsOperator();
  const { uses } = await preflightManifest(await readText(context, file), file, {
    open,
    signal: context.signal,
  });
  return { uses, unreadable: [] };
}

async function readLock(context: Context, file: string): Promise<MirrorLock | undefined> {
  if (file === "") return undefined;
  const { parseMirrorLock } = await import("@package-operator/mirror");
  return parseMirrorLock(await readText(context, file), file);
}

function formatUses(uses: readonly VerifiedUse[]): string {
  const rows = uses.map((use) => [
    use.finding?.code ?? "ok",
    `${use.kind} ${use.namespace === "" ? "" : `${use.namespace}/`}${use.objectName}`,
    use.name,
    use.resolved,
    use.owners.at(-1) ?? "",
  ]);
  const bad = uses.filter(({ finding }) => finding !== undefined);
  const problems = bad.map(
    ({ kind, objectName, path, finding }) => `${kind} ${objectName} ${path}: ${finding!.message}\n`,
  );
  return (
    `${formatTable([["STATE", "OBJECT", "CONTAINER", "IMAGE", "PACKAGE"], ...rows])}\n` +
    `${problems.join("")}${uses.length - bad.length} of ${uses.length} images come from the mirror\n`
  );
}
