import type { MirrorLock, VerifiedUse } from "@package-operator/mirror";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { openCluster } from "../cluster-access.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import { boolFlag, stringFlag, stringsFlag } from "../flags/flag.ts";
import { formatTable, outputFlag, writeResult } from "../output.ts";
import { openRegistries, registryFlags } from "../registry-access.ts";
import { overrideFlag, readRules } from "../rules.ts";

export const verifyClusterCommand: Command = defineCommand({
  name: "cluster",
  summary: "Check that everything a cluster runs or declares comes from the mirror",
  description:
    "Check that everything a cluster runs or declares comes from the mirror: Pods and what their nodes pulled, workload\n" +
    "templates, packages and their revisions. Exit code 1 when something does not.",
  examples: ["kubectl package verify cluster --lock mirror.lock.yaml --preflight"],
  usage: "",
  args: 0,
  flags: {
    override: overrideFlag,
    lock: stringFlag("mirror lock: brings the rules and the digests that are expected"),
    namespace: stringsFlag("only this namespace; may be repeated", { short: "n" }),
    "exclude-namespace": stringsFlag("not this namespace; may be repeated"),
    preflight: boolFlag("also ask the mirror for every image, with the pull secrets of the operator"),
    output: outputFlag,
    ...registryFlags,
  },
  usageExitCode: 2,
  run: async (context, { flags, kubeconfig }) => {
    const lock = await readLock(context, flags.lock);
    const rules = readRules(
      flags.override.length > 0 || lock === undefined ? flags.override : [lock.overrides],
    );
    if (rules.length === 0)
      throw new CliError("usage", "no rules given: use --override from=to, or --lock FILE");
    const { collectClusterImages, checkUses, operatorKeychain, verifyImageUses } =
      await import("@package-operator/mirror");
    const client = await openCluster(context, kubeconfig);
    try {
      const { uses, unreadable } = await collectClusterImages(client, {
        ...(flags.namespace.length === 0 ? {} : { namespaces: flags.namespace }),
        excludeNamespaces: flags["exclude-namespace"],
        signal: context.signal,
      });
      let verified = verifyImageUses(uses, { rules, ...(lock === undefined ? {} : { lock: lock.images }) });
      if (flags.preflight) {
        const keychain = await operatorKeychain(client, { signal: context.signal });
        const registries = await openRegistries(context, flags, { keychain });
        try {
          const open = registries.repository.bind(registries);
          verified = await checkUses(verified, { open, signal: context.signal });
        } finally {
          await registries.close();
        }
      }
      for (const problem of unreadable) context.stderr.write(`Warning: not checked: ${problem}\n`);
      const bad = verified.filter(({ finding }) => finding !== undefined);
      await writeResult(context, flags.output, {
        value: { images: verified, unreadable },
        text: formatUses(verified),
      });
      return bad.length === 0 && unreadable.length === 0 ? 0 : 1;
    } finally {
      await client.close();
    }
  },
});

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
