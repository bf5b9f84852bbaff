import { SchemaError } from "./errors.ts";
import { findJsonPath } from "./json-path.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";

/** Which value of a source goes where in a template's configuration (`sources[].items[]` of an ObjectTemplate). */
export interface SourceItem {
  /** Kubectl JSONPath in the source. */
  readonly key: string;
  /** Dotted path with a leading dot in the configuration. */
  readonly destination: string;
}

/**
 * Copies values of a source object into a configuration, in place and in order. A path that finds
 * exactly one value gives that value, others a list. Numbers become doubles.
 *
 * @throws SchemaError `invalid-json-path` or `json-path-not-found`; items before the failing one stay copied.
 */
export function copySourceItems(items: readonly SourceItem[], source: JsonObject, config: JsonObject): void {
  for (const { key, destination } of items) {
    // Go reads an empty path as an empty document.
    if (key === "") throw new SchemaError("invalid-json-path", "unexpected end of JSON input");
    const found = findJsonPath(key, source);
    const value = found.length === 1 ? found[0]! : found;
    setAt(config, destination, asDoubles(value));
  }
}

function setAt(config: JsonObject, destination: string, value: JsonValue): void {
  if (!destination.startsWith(".")) {
    throw new SchemaError("invalid-json-path", `path ${destination} must be a JSONPath with a leading dot`);
  }
  const fields = destination.slice(1).split(".");
  const last = fields.pop()!;
  let target = config;
  for (const [index, field] of fields.entries()) {
    const next = Object.hasOwn(target, field) ? target[field]! : define(target, field, {});
    if (!isJsonObject(next)) {
      const blocked = `.${fields.slice(0, index + 1).join(".")}`;
      const reason = `value cannot be set because ${blocked} is not a map[string]interface{}`;
      throw new SchemaError("json-path-not-found", `setting nested field at ${destination}: ${reason}`);
    }
    target = next;
  }
  define(target, last, value);
}

/** Sets an own field even when it is called `__proto__`. */
function define(target: JsonObject, field: string, value: JsonValue): JsonValue {
  Object.defineProperty(target, field, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

/** A copy of the value as a round through JSON leaves it in Go. */
function asDoubles(value: JsonValue): JsonValue {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(asDoubles);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) define(copy, key, asDoubles(item));
  return copy;
}
