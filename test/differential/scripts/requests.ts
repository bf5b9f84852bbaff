import type { Answer, Call } from "../peer.ts";

const base = "/api/v1/namespaces/NS";

/** Path of ConfigMaps in the script's namespace. */
export const configMaps = `${base}/configmaps`;

/** A ConfigMap body. */
export function configMap(
  name: string,
  data: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): unknown {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
}

/** GET. */
export function get(path: string, headers: Record<string, string> = {}): Call {
  return { method: "GET", path, headers };
}

/** POST. */
export function post(path: string, body: unknown, headers: Record<string, string> = {}): Call {
  return { method: "POST", path, body, headers };
}

/** PUT. */
export function put(path: string, body: unknown): Call {
  return { method: "PUT", path, body };
}

/** DELETE. */
export function del(path: string, body?: unknown): Call {
  return { method: "DELETE", path, body };
}

/** PATCH with one of the four dialects. */
export function patch(path: string, type: "json" | "merge" | "strategic" | "apply", body: unknown): Call {
  const types = {
    json: "application/json-patch+json",
    merge: "application/merge-patch+json",
    strategic: "application/strategic-merge-patch+json",
    apply: "application/apply-patch+yaml",
  };
  return { method: "PATCH", path, body, headers: { "content-type": types[type] } };
}

/** Server-side apply by a manager. */
export function apply(path: string, manager: string, body: unknown, query = ""): Call {
  return patch(`${path}?fieldManager=${manager}${query}`, "apply", body);
}

/** The object of the last answer, changed. */
export function changed(
  answers: readonly Answer[],
  change: (object: Record<string, unknown>) => void,
): unknown {
  const object = structuredClone(answers.at(-1)?.body) as Record<string, unknown>;
  change(object);
  return object;
}

/** The metadata of an answer, for steps that go on from it. */
export function metadataOf(answer: Answer | undefined): { resourceVersion: string; continue: string } {
  const body = answer?.body as { metadata: { resourceVersion: string; continue: string } } | undefined;
  if (body === undefined) throw new Error("there is no such answer");
  return body.metadata;
}
