import { composeFirst } from "./compose.ts";
import { construct } from "./construct.ts";
import { YamlError } from "./errors.ts";
import type { JsonValue } from "./json-value.ts";
import { readText } from "./read-text.ts";

/** How `decodeYaml` reads, and what it refuses. */
export interface DecodeYamlOptions {
  /** Name of the text in errors, for instance a path. */
  readonly source?: string;
  /** Refuses mappings with two equal keys, as the strict readers of the Go library do. Default false. */
  readonly uniqueKeys?: boolean;
  /** Largest text in UTF-16 units or bytes. Default 32 Mi. */
  readonly maxSize?: number;
  /** Deepest nesting. Default 1000; the Go library takes 10000. */
  readonly maxDepth?: number;
  /** Most nodes (scalars, lists, mappings, aliases). Default 250,000. */
  readonly maxNodes?: number;
}

/**
 * Reads the first YAML document as sigs.k8s.io/yaml does: YAML 1.1 scalars, duplicate keys (last wins), merge
 * keys, keys turned into strings; later documents are not looked at. An empty text is `null`.
 * Throws YamlError with line and column; `limit` for hostile sizes, depths and alias bombs.
 */
export function decodeYaml(text: string | Uint8Array, options: DecodeYamlOptions = {}): JsonValue {
  const { source, maxSize = 32 * 1024 * 1024, maxDepth = 1000, maxNodes = 250_000 } = options;
  if (text.length > maxSize) {
    throw new YamlError("limit", `error converting YAML to JSON: yaml: text is longer than ${maxSize}`, {
      source,
    });
  }
  const { text: characters, defect } = readText(text, source);
  const node = composeFirst(characters, { source, maxDepth, maxNodes, defect });
  return node === undefined ? null : construct(node, source, { uniqueKeys: options.uniqueKeys ?? false });
}
