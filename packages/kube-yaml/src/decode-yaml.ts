import { parse } from "yaml";
import { YamlError } from "./errors.ts";
import type { JsonValue } from "./json-value.ts";

/** How `decodeYaml` reads. */
export interface DecodeYamlOptions {
  /** Name of the text in errors, for instance a path. */
  readonly source?: string;
}

/**
 * Reads the first YAML document as sigs.k8s.io/yaml does: YAML 1.1 scalars, duplicate keys (last wins), merge
 * keys, keys turned into strings. An empty text is `null`. Throws YamlError with line and column.
 */
export function decodeYaml(text: string | Uint8Array, options: DecodeYamlOptions = {}): JsonValue {
  const source = typeof text === "string" ? text : new TextDecoder("utf-8").decode(text);
  try {
    return parse(source, { version: "1.1", merge: true, uniqueKeys: false, logLevel: "silent" }) as JsonValue;
  } catch (cause) {
    const message = `error converting YAML to JSON: yaml: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new YamlError("syntax", message, { source: options.source, cause });
  }
}
