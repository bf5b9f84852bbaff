import type { KindName } from "@package-operator/api";
import type { JsonObject } from "@package-operator/kube-yaml";
import type { KubeClient, KubeObject, ObjectRef } from "@package-operator/kube";
import { contextFlag, withCluster } from "../cluster-access.ts";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { durationFlag, formatDuration, parseDuration } from "../duration.ts";
import { CliError, withPrefix } from "../errors.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { getResource } from "../installed.ts";
import { kindOf, packageTypes, parseResource, resourceUsage } from "../resource-argument.ts";

export const pauseCommand: Command = pauseOrUnpause({
  name: "pause",
  summary: "Stop the operator from changing an installed package",
  message: "why it is paused; kept as an annotation",
  doing: "pausing",
  paused: true,
});

export const unpauseCommand: Command = pauseOrUnpause({
  name: "unpause",
  summary: "Let the operator go on with a paused package",
  message: "accepted for symmetry with pause, and not kept",
  doing: "unpausing",
  paused: false,
});

interface PauseDirection {
  readonly name: string;
  readonly summary: string;
  /** Help of `--message`. */
  readonly message: string;
  readonly doing: string;
  readonly paused: boolean;
}

function pauseOrUnpause({ name, summary, message, doing, paused }: PauseDirection): Command {
  return defineCommand({
    name,
    summary,
    description: `${summary}, and wait until it has taken notice.`,
    examples: [`kubectl package ${name} package/toolshed -n yard`],
    usage: resourceUsage,
    args: { min: 1, max: 2 },
    argumentValues: packageTypes,
    flags: {
      namespace: stringFlag("namespace of the package", { short: "n", initial: "default" }),
      message: stringFlag(message, { short: "m" }),
      wait: boolFlag("wait until the operator has taken notice", { initial: true }),
      timeout: durationFlag("how long to wait", "1m0s"),
      context: contextFlag,
    },
    run: async (context, { args, flags, kubeconfig }) => {
      const resource = parseResource(args);
      const ref = await packageRef(resource, flags.namespace);
      await withCluster(context, { kubeconfig, context: flags.context }, async (client) => {
        await getResource(client, ref, context.signal);
        const patched = await withPrefix(`${doing} package`, () =>
          setPaused(client, ref, { paused, message: flags.message, signal: context.signal }),
        );
        if (flags.wait)
          await waitForPaused(context, client, patched, { paused, timeoutMs: parseDuration(flags.timeout)! });
      });
      // Scripts expect silence; a person likes to see that something happened.
      if (context.stdout.isTTY === true) context.stdout.write(`${resource.type}/${resource.name} ${name}d\n`);
      return 0;
    },
  });
}

async function packageRef(
  { type, name }: { readonly type: string; readonly name: string },
  namespace: string,
): Promise<ObjectRef> {
  const { apiVersion } = await import("@package-operator/api");
  const kind: KindName | undefined = kindOf(type);
  if (kind === "Package") return { apiVersion, kind, name, namespace };
  if (kind === "ClusterPackage") return { apiVersion, kind, name };
  const message = `invalid resource name: expected \`clusterpackage\`/\`package\`, got \`${type}\``;
  throw new CliError("input", message);
}

async function setPaused(
  client: KubeClient,
  ref: ObjectRef,
  options: { readonly paused: boolean; readonly message: string; readonly signal: AbortSignal },
): Promise<KubeObject> {
  const { annotations } = await import("@package-operator/api");
  const { paused, message, signal } = options;
  const body: JsonObject = {
    metadata: { annotations: { [annotations.pauseMessage]: paused ? message : null } },
    spec: { paused },
  };
  return client.patch(ref, { type: "merge", body }, { signal });
}

/**
 * Waits until the status speaks of the present generation. After unpausing the condition goes away, however the package
 * itself is.
 */
async function waitForPaused(
  { signal }: Context,
  client: KubeClient,
  object: KubeObject,
  { paused, timeoutMs }: { readonly paused: boolean; readonly timeoutMs: number },
): Promise<void> {
  const { formatKey, formatKind, isKubeError, refOf, waitFor } = await import("@package-operator/kube");
  const ref = refOf(object);
  try {
    await waitFor(client, ref, (seen) => seen !== undefined && isPaused(seen) === paused, {
      timeoutMs,
      signal,
    });
  } catch (cause) {
    if (!isKubeError(cause) || cause.code !== "Timeout") throw cause;
    const condition = `"Paused"=${paused ? '"True"' : '"False"'}`;
    throw new CliError(
      "problem",
      `timeout waiting ${formatDuration(timeoutMs)} on ${formatKind(ref)} ${formatKey(ref)} to report condition ` +
        `${condition}: context deadline exceeded `,
      { cause },
    );
  }
}

interface PackageStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly observedGeneration?: number;
  }[];
}

/** Undefined while the status speaks of an earlier generation. */
function isPaused({ metadata, status }: KubeObject): boolean | undefined {
  const { generation } = metadata;
  const { observedGeneration = generation, conditions = [] } = (status ?? {}) as PackageStatus;
  if (observedGeneration !== generation) return undefined;
  const condition = conditions.find(({ type }) => type === "Paused");
  if (condition === undefined) return false;
  const { observedGeneration: observed = 0 } = condition;
  return observed === 0 || observed === generation ? condition.status === "True" : undefined;
}
