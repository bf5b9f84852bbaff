import {
  type ApiObject,
  type KubeClient,
  type KubeObject,
  type ObjectRef,
  waitFor,
} from "@package-operator/kube";
import { decodeYaml, isJsonObject, splitDocuments } from "@package-operator/kube-yaml";
import { DemoError } from "./demo-error.ts";

/** Applies every document of a manifest, as `kubectl apply --server-side` does. */
export async function applyManifest(
  client: KubeClient,
  text: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const document of splitDocuments(text)) {
    const object = decodeYaml(document);
    if (!isJsonObject(object)) continue;
    await client.apply(object as unknown as ApiObject, { fieldManager: "kubectl", signal });
  }
}

export interface WaitOptions {
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Waits for a condition to be True for the current generation. @throws DemoError with what the object says instead. */
export async function waitForCondition(
  client: KubeClient,
  ref: ObjectRef,
  type: string,
  options: WaitOptions,
): Promise<void> {
  let seen: KubeObject | undefined;
  try {
    await waitFor(
      client,
      ref,
      (object) => {
        seen = object ?? seen;
        const condition = conditionsOf(object).find((candidate) => candidate["type"] === type);
        return condition?.["status"] === "True";
      },
      options,
    );
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    const conditions = conditionsOf(seen).map(
      ({ type: name, status, reason, message }) =>
        `${String(name)}=${String(status)} (${String(reason)}: ${String(message)})`,
    );
    const state = seen === undefined ? "it does not exist" : conditions.join("; ") || "it has no conditions";
    throw new DemoError(`${ref.kind} ${ref.name} did not become ${type}: ${state}`, { cause });
  }
}

function conditionsOf(object: KubeObject | undefined): Record<string, unknown>[] {
  const status = object?.["status"];
  const conditions = isJsonObject(status) ? status["conditions"] : undefined;
  return Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
}
