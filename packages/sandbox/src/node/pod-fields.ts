import { getString, getStringMap, getValue, type JsonObject, textOf } from "../json.ts";

/** The value of a `fieldRef`, such as `metadata.labels['app']`; empty when the Pod has none. */
export function fieldValue(pod: JsonObject, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed !== null) return getStringMap(pod, "metadata", keyed[1] ?? "")[keyed[2] ?? ""] ?? "";
  if (path === "metadata.labels" || path === "metadata.annotations") {
    const map = getStringMap(pod, ...path.split("."));
    return Object.entries(map)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .toSorted()
      .join("\n");
  }
  if (path === "status.podIPs") return getString(pod, "status", "podIP");
  return textOf(getValue(pod, ...path.split(".")));
}
