import type { LocalClient } from "../controllers/local-client.ts";
import {
  getObject,
  getObjects,
  getString,
  getStringMap,
  isTrue,
  type JsonObject,
  namespaceOf,
} from "../json.ts";
import { readDataKey } from "./pod-data.ts";
import { fieldValue } from "./pod-fields.ts";

/** An environment that cannot be made, with the message a kubelet gives. */
class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/**
 * The environment of a container as its specification says: `envFrom`, then `env`, with `$(NAME)` replaced.
 *
 * @throws EnvironmentError when an object or key is missing that is not optional.
 */
export function containerEnvironment(
  pod: JsonObject,
  container: JsonObject,
  client: LocalClient,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const source of getObjects(container, "envFrom")) Object.assign(env, allKeys(pod, source, client));
  for (const variable of getObjects(container, "env")) {
    const value = variableValue(pod, variable, client, env);
    if (value !== undefined) env[getString(variable, "name")] = value;
  }
  return env;
}

/** Replaces `$(NAME)` by the variable's value; unknown names stay, and `$$` is one dollar sign. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\$|\(([^()]*)\))/g, (whole, escaped: string, name: string | undefined) => {
    if (escaped === "$") return "$";
    return name !== undefined && Object.hasOwn(env, name) ? (env[name] ?? whole) : whole;
  });
}

function variableValue(
  pod: JsonObject,
  variable: JsonObject,
  client: LocalClient,
  env: Readonly<Record<string, string>>,
): string | undefined {
  const source = getObject(variable, "valueFrom");
  if (source === undefined) return expand(getString(variable, "value"), env);
  const field = getString(source, "fieldRef", "fieldPath");
  if (field !== "") return fieldValue(pod, field);
  for (const kind of ["configMap", "secret"] as const) {
    const reference = getObject(source, `${kind}KeyRef`);
    if (reference === undefined) continue;
    const object = readObject(pod, kind, reference, client);
    const key = getString(reference, "key");
    const value = object === undefined ? undefined : readDataKey(object, key);
    if (value !== undefined) return value.toString();
    if (isTrue(reference, "optional")) return undefined;
    throw new EnvironmentError(
      `couldn't find key ${key} in ${kind === "secret" ? "Secret" : "ConfigMap"} ${namespaceOf(pod)}/${getString(reference, "name")}`,
    );
  }
  return "";
}

function allKeys(pod: JsonObject, source: JsonObject, client: LocalClient): Record<string, string> {
  const prefix = getString(source, "prefix");
  for (const kind of ["configMap", "secret"] as const) {
    const reference = getObject(source, `${kind}Ref`);
    if (reference === undefined) continue;
    const object = readObject(pod, kind, reference, client);
    if (object === undefined) return {};
    const keys = Object.keys(getStringMap(object, "data"));
    return Object.fromEntries(keys.map((key) => [prefix + key, readDataKey(object, key)?.toString() ?? ""]));
  }
  return {};
}

function readObject(
  pod: JsonObject,
  kind: "configMap" | "secret",
  reference: JsonObject,
  client: LocalClient,
): JsonObject | undefined {
  const name = getString(reference, "name");
  const collection = kind === "secret" ? "/secrets" : "/configmaps";
  const object = client.get({ collection, namespace: namespaceOf(pod), name });
  if (object !== undefined || isTrue(reference, "optional")) return object;
  throw new EnvironmentError(`${kind.toLowerCase()} ${JSON.stringify(name)} not found`);
}
