import type { KindName } from "@package-operator/api";
import type { KubeClient } from "@package-operator/kube";
import type { LabelSelector } from "@package-operator/schema";
import { contextFlag, withCluster } from "../cluster-access.ts";
import { type Command, defineCommand } from "../command.ts";
import { CliError, withPrefix } from "../errors.ts";
import { intFlag, stringFlag } from "../flags/flag.ts";
import { type AnyObjectSet, getResource, listRevisions, reports, revisionOf } from "../installed.ts";
import { kindOf, packageTypes, parseResource, resourceUsage } from "../resource-argument.ts";

type Format = "" | "json" | "yaml";

export const historyCommand: Command = defineCommand({
  name: "history",
  summary: "Show the revisions of a package or object deployment",
  examples: [
    "kubectl package rollout history package/toolshed -n yard",
    "kubectl package rollout history clusterpackage/toolshed --revision 2 -o json",
  ],
  usage: resourceUsage,
  args: { min: 1, max: 2 },
  argumentValues: [...packageTypes, "objectdeployment/", "clusterobjectdeployment/"],
  flags: {
    namespace: stringFlag("namespace of the package or deployment; the context's when not given", {
      short: "n",
    }),
    output: stringFlag("json or yaml instead of a table", { short: "o" }),
    revision: intFlag("show this revision in full"),
    context: contextFlag,
  },
  run: async (context, { args, flags, kubeconfig }) => {
    const resource = parseResource(args);
    const kind = kindOf(resource.type);
    if (kind === undefined) throw new CliError("input", "invalid resource type");
    const format = parseFormat(flags.output);
    const access = { kubeconfig, context: flags.context };
    const revisions = await withCluster(context, access, async (client) => {
      const namespace = kind.startsWith("Cluster") ? "" : flags.namespace || client.namespace;
      const place = { kind, namespace, name: resource.name };
      return withPrefix(`getting resource ${resource.type}/${resource.name}`, async () => {
        const selector = await selectorOf(client, place, context.signal);
        return selector === undefined ? [] : listRevisions(client, { namespace, selector }, context.signal);
      });
    });
    if (flags.revision <= 0) {
      const text =
        format === "" ? formatHistory(revisions) : await encode(revisions.map(presentable), format);
      context.stdout.write(text);
      return 0;
    }
    const found = revisions.find((revision) => revisionOf(revision) === flags.revision);
    if (found === undefined) throw new CliError("input", "revision not found");
    context.stdout.write(await encode(presentable(found), format === "" ? "yaml" : format));
    return 0;
  },
});

function parseFormat(text: string): Format {
  const format = text.toLowerCase();
  if (format === "" || format === "json" || format === "yaml") return format;
  throw new CliError("input", `invalid output format: ${JSON.stringify(text)}`);
}

/** The selector of a resource's revisions; undefined when it selects nothing. */
async function selectorOf(
  client: KubeClient,
  { kind, namespace, name }: { readonly kind: KindName; readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { apiVersion, labels } = await import("@package-operator/api");
  const object = await getResource(client, { apiVersion, kind, name, namespace }, signal);
  if (kind.endsWith("Package")) return `${labels.instance}=${name}`;
  const { selector } = (object["spec"] ?? {}) as { readonly selector?: LabelSelector };
  const { formatSelector, isEmptySelector, selectorFromObject } = await import("@package-operator/schema");
  const parsed = selectorFromObject(selector ?? {});
  return isEmptySelector(parsed) ? undefined : formatSelector(parsed);
}

/** Every column is padded, the last one too: scripts cut at fixed places. */
function formatHistory(revisions: readonly AnyObjectSet[]): string {
  const rows = [
    ["REVISION", "SUCCESSFUL", "CHANGE-CAUSE"],
    ...revisions.map((revision) => [
      String(revisionOf(revision)),
      String(reports(revision, "Succeeded")),
      revision.metadata.annotations?.["kubernetes.io/change-cause"] ?? "",
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  "));
  return `${lines.join("\n")}\n\n`;
}

/** A revision without the empty lists that the API server fills in. */
function presentable(revision: AnyObjectSet): object {
  const trim = (part: object | undefined): object | undefined =>
    part === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(part).filter(([, value]) => !Array.isArray(value) || value.length > 0),
        );
  return { ...revision, spec: trim(revision.spec), status: trim(revision.status) };
}

async function encode(value: unknown, format: "json" | "yaml"): Promise<string> {
  const { encodeJson, encodeYaml, parseJson } = await import("@package-operator/kube-yaml");
  const json = encodeJson(value, { indent: "    ", escapeHtml: false });
  return format === "json" ? `${json}\n` : encodeYaml(parseJson(json));
}
