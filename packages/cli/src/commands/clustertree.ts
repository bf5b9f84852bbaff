import type { KindName } from "@package-operator/api";
import type { KubeClient } from "@package-operator/kube";
import { contextFlag, withCluster } from "../cluster-access.ts";
import { type Command, defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { stringFlag } from "../flags/flag.ts";
import { type AnyObjectSet, getResource, listRevisions, reports, revisionOf } from "../installed.ts";
import { outputFlag, writeResult } from "../output.ts";
import { kindOf, packageTypes, parseResource, resourceUsage } from "../resource-argument.ts";
import { formatTree, type TreeObject, treeObject, type TreePhase } from "../tree-text.ts";

export const clustertreeCommand: Command = defineCommand({
  name: "clustertree",
  summary: "Show the phases and objects of an installed package",
  description: "Show the phases and objects of the newest available revision of an installed package.",
  examples: ["kubectl package clustertree package/toolshed -n yard"],
  usage: resourceUsage,
  args: { min: 1, max: 2 },
  argumentValues: packageTypes,
  flags: {
    namespace: stringFlag("namespace of the package; the context's when not given", { short: "n" }),
    context: contextFlag,
    output: outputFlag,
  },
  run: async (context, { args, flags, kubeconfig }) => {
    const { type, name } = parseResource(args);
    const kind = kindOf(type);
    if (kind !== "Package" && kind !== "ClusterPackage") throw new CliError("input", "invalid resource type");
    const access = { kubeconfig, context: flags.context };
    const tree = await withCluster(context, access, async (client) => {
      const namespace = kind === "ClusterPackage" ? "" : flags.namespace || client.namespace;
      return readTree(client, { kind, namespace, name }, context.signal);
    });
    const head =
      tree.namespace === "" ? [`${kind} /${name}`] : [`${kind} /${name}`, `namespace/${tree.namespace}`];
    await writeResult(context, flags.output, { value: tree, text: formatTree(head, tree.phases) });
    return 0;
  },
});

interface InstalledTree {
  readonly kind: KindName;
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly phases: readonly TreePhase[];
}

async function readTree(
  client: KubeClient,
  { kind, namespace, name }: { readonly kind: KindName; readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<InstalledTree> {
  const { apiVersion, labels } = await import("@package-operator/api");
  await getResource(client, { apiVersion, kind, name, namespace }, signal);
  const revisions = await listRevisions(
    client,
    { namespace, selector: `${labels.instance}=${name}` },
    signal,
  );
  const shown = revisions.findLast((revision) => reports(revision, "Available"));
  if (shown === undefined) {
    throw new CliError("input", `${namespace === "" ? "ClusterObjectSet" : "ObjectSet"} could not be found`);
  }
  const phases: TreePhase[] = [];
  for (const phase of shown.spec?.phases ?? []) {
    const own = (phase.objects ?? []).map(({ object }) => treeObject(object));
    const sliced: TreeObject[] = [];
    for (const slice of phase.slices ?? []) sliced.push(...(await readSlice(client, shown, slice, signal)));
    phases.push({ name: phase.name, objects: [...own, ...sliced] });
  }
  return { kind, name, namespace, revision: revisionOf(shown), phases };
}

/** Big packages keep their objects in slices beside the revision. */
async function readSlice(
  client: KubeClient,
  { apiVersion, kind, metadata: { namespace } }: AnyObjectSet,
  name: string,
  signal: AbortSignal,
): Promise<TreeObject[]> {
  const sliceKind = kind === "ObjectSet" ? "ObjectSlice" : "ClusterObjectSlice";
  const slice = await client.get({ apiVersion, kind: sliceKind, name, namespace }, { signal });
  const objects = Array.isArray(slice["objects"]) ? slice["objects"] : [];
  return objects.map((entry) => {
    const { object } = entry as { readonly object?: Readonly<Record<string, unknown>> };
    return treeObject(object ?? {});
  });
}
