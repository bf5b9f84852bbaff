// Records the schemas of Kubernetes' own kinds, which packages are held to, from a real kube-apiserver.
// usage: node scripts/run.mjs scripts/record-schemas.ts
//        with `kubectl` configured for a cluster of the wanted release, without custom kinds.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = { [key: string]: Json };

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const output = "packages/packaging/src/kubeconform/kubernetes-schemas.generated.ts";
const refPrefix = "#/definitions/";
const maxBuffer = 64 * 1024 * 1024;

function get<T>(path: string): T {
  return JSON.parse(execFileSync("kubectl", ["get", "--raw", path], { maxBuffer }).toString()) as T;
}

/** Types that JSON writes otherwise than OpenAPI says. */
const unions: Readonly<Record<string, Schema>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: ["string", "number"] },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["string", "integer"] },
};

/** What decides whether an object fits; fields that the schema does not list are refused. */
function strict(schema: Schema): Schema {
  const { type, $ref, required, enum: values, properties, items, additionalProperties } = schema;
  const kept: Schema = {};
  if (type !== undefined) kept["type"] = type;
  if ($ref !== undefined) kept["$ref"] = $ref;
  if (required !== undefined) kept["required"] = required;
  if (values !== undefined) kept["enum"] = values;
  if (items !== undefined) kept["items"] = strict(items as Schema);
  if (typeof additionalProperties === "object")
    kept["additionalProperties"] = strict(additionalProperties as Schema);
  if (properties !== undefined) {
    const entries = Object.entries(properties as Record<string, Schema>);
    kept["properties"] = Object.fromEntries(entries.map(([name, value]) => [name, strict(value)]));
    kept["additionalProperties"] = false;
  }
  return kept;
}

const { definitions } = get<{ definitions: Record<string, Schema> }>("/openapi/v2");
const kinds = new Map<string, string>();
for (const [name, schema] of Object.entries(definitions)) {
  const own = (schema["x-kubernetes-group-version-kind"] ?? []) as unknown as readonly GroupVersionKind[];
  // Options of requests and events of watches belong to every group, and stand in no file.
  if (own.length !== 1) continue;
  const [{ group, version, kind }] = own as [GroupVersionKind];
  kinds.set(name, `${group === "" ? version : `${group}/${version}`}/${kind}`);
}

const kept = new Map<string, Schema>();
const needed = [...kinds.keys()];
for (let name = needed.pop(); name !== undefined; name = needed.pop()) {
  if (kept.has(name)) continue;
  const schema = unions[name] ?? strict(definitions[name]!);
  kept.set(name, schema);
  for (const [, target] of JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
    needed.push(target!);
  }
}

const { gitVersion } = get<{ gitVersion: string }>("/version");
const names = [...kept.keys()].toSorted();
const lines = names.map((name) =>
  `${name} ${kinds.get(name) ?? "-"} ${JSON.stringify(kept.get(name))}`.replaceAll(refPrefix, ""),
);
writeFileSync(
  output,
  `// Written by scripts/record-schemas.ts from a kube-apiserver ${gitVersion}; do not edit.

/** A definition a line: its name, its kind as \`apiVersion/kind\` or \`-\`, its schema with the names of others in \`$ref\`. */
export const schemaLines: string = String.raw\`${lines.join("\n")}\`;
`,
);
process.stdout.write(`${lines.length} schemas of ${kinds.size} kinds into ${output}\n`);
