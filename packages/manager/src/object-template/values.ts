import { isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { followPath } from "../json-path/follow-path.ts";
import { PathError } from "../json-path/node.ts";
import { parsePath } from "../json-path/parse-path.ts";

/** One value to take from a source, and where it goes. */
export interface ValueMapping {
  readonly key: string;
  readonly destination: string;
}

/** Copies values of a source into `config`. Throws `PathError` for a path that leads nowhere. */
export function copySourceValues(
  items: readonly ValueMapping[],
  source: JsonObject,
  config: JsonObject,
): void {
  for (const { key, destination } of items) {
    const found = followPath(parsePath(key), source);
    setValue(config, destination, found.length === 1 ? (found[0] ?? null) : found);
  }
}

function setValue(config: JsonObject, destination: string, value: JsonValue): void {
  if (!destination.startsWith(".")) {
    throw new PathError(`path ${destination} must be a JSONPath with a leading dot`);
  }
  const path = destination.slice(1).split(".");
  const last = path.pop() ?? "";
  let target = config;
  for (const [index, name] of path.entries()) {
    const next = target[name] ?? (Object.hasOwn(target, name) ? null : {});
    if (!isJsonObject(next)) {
      const place = path.slice(0, index + 1).join(".");
      throw new PathError(
        `setting nested field at ${destination}: value cannot be set because .${place} is not a map[string]interface{}`,
      );
    }
    // What is written here must not show up in the source it was copied from.
    target[name] = { ...next };
    target = target[name];
  }
  target[last] = value;
}
