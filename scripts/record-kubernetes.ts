// Records what the sandbox serves for the built-in kinds from a real kube-apiserver and the Kubernetes sources.
// usage: node scripts/run.mjs scripts/record-kubernetes.ts GO_MODULE_CACHE
//        with `kubectl` configured for a cluster of the wanted release; writes kubernetes.generated.ts.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import path from "node:path";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = { [key: string]: Json };

interface ServedResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

const output = "packages/sandbox/src/builtin/kubernetes.generated.ts";

/** Group versions, and of each the resources (with the subresources) that the sandbox serves. */
const wanted: Record<string, string[]> = {
  v1: [
    "bindings",
    "configmaps",
    "endpoints",
    "events",
    "namespaces",
    "namespaces/finalize",
    "namespaces/status",
    "nodes",
    "nodes/status",
    "pods",
    "pods/binding",
    "pods/eviction",
    "pods/log",
    "pods/status",
    "secrets",
    "serviceaccounts",
    "serviceaccounts/token",
    "services",
    "services/status",
  ],
  "apps/v1": [
    "deployments",
    "deployments/scale",
    "deployments/status",
    "replicasets",
    "replicasets/scale",
    "replicasets/status",
  ],
  "batch/v1": ["jobs", "jobs/status"],
  "rbac.authorization.k8s.io/v1": ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
  "apiextensions.k8s.io/v1": ["customresourcedefinitions", "customresourcedefinitions/status"],
  "coordination.k8s.io/v1": ["leases"],
  "networking.k8s.io/v1": ["networkpolicies"],
  "policy/v1": ["poddisruptionbudgets", "poddisruptionbudgets/status"],
  "authorization.k8s.io/v1": [
    "localsubjectaccessreviews",
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "subjectaccessreviews",
  ],
  "authentication.k8s.io/v1": ["selfsubjectreviews", "tokenreviews"],
};

const extraDefinitions = [
  "io.k8s.api.autoscaling.v1.Scale",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
];

const moduleCache = process.argv[2] ?? "";
if (moduleCache === "") {
  process.stderr.write("usage: node scripts/run.mjs scripts/record-kubernetes.ts GO_MODULE_CACHE\n");
  process.exit(2);
}

interface Column {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

interface Credentials {
  server: string;
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

function credentials(): Credentials {
  const view = JSON.parse(
    execFileSync("kubectl", ["config", "view", "--raw", "--minify", "-o", "json"]).toString(),
  ) as {
    clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
    users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
  };
  const cluster = view.clusters[0]?.cluster;
  const user = view.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error("the kubeconfig has no current cluster");
  return {
    server: cluster.server,
    ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
    cert: Buffer.from(user["client-certificate-data"], "base64"),
    key: Buffer.from(user["client-key-data"], "base64"),
  };
}

const { server, ...tls } = credentials();

function get<T>(urlPath: string, accept = "application/json"): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = request(server + urlPath, { ...tls, headers: { accept } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as T));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

/** First sentence, at most 200 characters: `kubectl explain` stays useful and the file small. */
function shorten(description: string): string {
  const sentence = (description.split("\n")[0] ?? "").split(/(?<=[.])\s/)[0] ?? "";
  return sentence.slice(0, 200).replaceAll("`", "'");
}

function shortColumn({ description, ...column }: Column): Json {
  return { ...column, description: shorten(description) };
}

/** Walks a schema, not its properties' names: a property may be called `description` or `$ref`. */
function mapSchema(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const result = change({ ...schema });
  const each = (value: Json | undefined): Schema => mapSchema(value as Schema, change);
  if (result["properties"] !== undefined) {
    const properties = result["properties"] as Schema;
    result["properties"] = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, each(value)]),
    );
  }
  for (const key of ["items", "additionalProperties"]) {
    if (typeof result[key] === "object") result[key] = each(result[key]);
  }
  for (const key of ["allOf", "oneOf"]) {
    if (Array.isArray(result[key])) result[key] = result[key].map(each);
  }
  return result;
}

function references(schema: Schema): string[] {
  const found: string[] = [];
  mapSchema(schema, (part) => {
    if (typeof part["$ref"] === "string") found.push(part["$ref"].slice("#/components/schemas/".length));
    return part;
  });
  return found;
}

const sourceFolders: [RegExp, string][] = [
  [/^io\.k8s\.api\.(\w+)\.(\w+)\.(\w+)$/, "k8s.io/api@"],
  [/^io\.k8s\.apimachinery\.pkg\.(apis\.meta)\.(\w+)\.(\w+)$/, "k8s.io/apimachinery@"],
  [
    /^io\.k8s\.apiextensions-apiserver\.pkg\.(apis\.apiextensions)\.(\w+)\.(\w+)$/,
    "k8s.io/apiextensions-apiserver@",
  ],
];

/** The folder of the Go package that a definition comes from, and its type; undefined for hand-made definitions. */
function sourceOf(definition: string): { dir: string; type: string } | undefined {
  for (const [pattern, module] of sourceFolders) {
    const match = pattern.exec(definition);
    if (match === null) continue;
    const [, group = "", version = "", type = ""] = match;
    const [parent = "", prefix = ""] = module.split("/").map((part) => part.replace("@", ""));
    const folder = readdirSync(path.join(moduleCache, parent)).findLast((name) =>
      name.startsWith(`${prefix}@`),
    );
    if (folder === undefined) throw new Error(`no ${module} in ${moduleCache}`);
    const inside = module === "k8s.io/api@" ? [group] : ["pkg", ...group.split(".")];
    return { dir: path.join(moduleCache, parent, folder, ...inside, version), type };
  }
  return undefined;
}

/** How a Go struct writes fields that nobody set, which OpenAPI does not tell. */
interface ZeroFields {
  /** Not written: `omitempty` or `omitzero` on something that is not a pointer. */
  readonly omitted: ReadonlySet<string>;
  /** Written as null: times, which are structs and therefore never empty for `omitempty`. */
  readonly nulls: ReadonlySet<string>;
}

function zeroFields(definition: string): ZeroFields {
  const source = sourceOf(definition);
  if (source === undefined) return { omitted: new Set(), nulls: new Set() };
  const text = readdirSync(source.dir)
    .filter((name) => /^types.*\.go$/.test(name))
    .map((name) => readFileSync(path.join(source.dir, name), "utf8"))
    .join("\n");
  const body = new RegExp(`^type ${source.type} struct \\{$([\\s\\S]*?)^\\}$`, "m").exec(text)?.[1] ?? "";
  const fields = body.matchAll(
    /^\s+\w+\s+([^\s`]+)\s+`(?:[^`]*\s)?json:"(\w+),([\w,]*omit(?:empty|zero)[\w,]*)/gm,
  );
  const values = [...fields].filter(([, type = ""]) => !type.startsWith("*"));
  const isNull = ([, type = "", , options = ""]: RegExpExecArray): boolean =>
    /^(metav1\.)?(Micro)?Time$/.test(type) && !options.includes("omitzero");
  const names = (found: readonly RegExpExecArray[]): Set<string> =>
    new Set(found.map(([, , name = ""]) => name));
  return {
    omitted: names(values.filter((field) => !isNull(field))),
    nulls: names(values.filter(isNull)),
  };
}

/**
 * Protobuf field numbers and the names of the properties they fill. A number of an embedded Go struct, which JSON
 * knows nothing of, stands for the numbers inside of it.
 */
function protoFields(dir: string, type: string, properties: ReadonlySet<string>): { [number: string]: Json } {
  const text = readFileSync(path.join(dir, "generated.proto"), "utf8");
  const body = new RegExp(`^message ${type} \\{$([\\s\\S]*?)^\\}$`, "m").exec(text)?.[1] ?? "";
  const fields = body.matchAll(/^\s+(?:optional\s+|repeated\s+)?(map<[^>]+>|[\w.]+)\s+(\w+) = (\d+);/gm);
  return Object.fromEntries(
    [...fields].flatMap(([, fieldType = "", name = "", number = ""]): [string, Json][] => {
      if (properties.has(name)) return [[number, name]];
      return /^[A-Z]\w*$/.test(fieldType) ? [[number, protoFields(dir, fieldType, properties)]] : [];
    }),
  );
}

function trim(name: string, schema: Schema): Schema {
  const { omitted, nulls } = zeroFields(name);
  const trimmed = mapSchema(schema, (part) => {
    if (typeof part["description"] === "string") part["description"] = shorten(part["description"]);
    return part;
  });
  for (const [field, property] of Object.entries((trimmed["properties"] ?? {}) as Schema)) {
    if (omitted.has(field)) (property as Schema)["x-omit-zero"] = true;
    if (nulls.has(field)) (property as Schema)["x-null-zero"] = true;
  }
  delete trimmed["x-kubernetes-selectable-fields"];
  const source = sourceOf(name);
  const properties = new Set(Object.keys((trimmed["properties"] ?? {}) as Schema));
  if (source !== undefined && properties.size > 0) {
    trimmed["x-proto"] = protoFields(source.dir, source.type, properties);
  }
  return trimmed;
}

const definitions = new Map<string, Schema>();
const resources: Json[] = [];
const needed: string[] = [...extraDefinitions];
for (const [groupVersion, names] of Object.entries(wanted)) {
  const prefix = groupVersion === "v1" ? "api/v1" : `apis/${groupVersion}`;
  const [group = "", version = ""] = groupVersion === "v1" ? ["", "v1"] : groupVersion.split("/");
  const openapi = await get<{ components: { schemas: Record<string, Schema> } }>(`/openapi/v3/${prefix}`);
  for (const [name, schema] of Object.entries(openapi.components.schemas)) definitions.set(name, schema);
  const list = await get<{ resources: ServedResource[] }>(`/${prefix}`);
  for (const served of list.resources.filter(({ name }) => names.includes(name))) {
    const gvk = { group: served.group ?? group, version: served.version ?? version, kind: served.kind };
    const definition = Object.entries(openapi.components.schemas).find(([, schema]) => {
      const kinds = schema["x-kubernetes-group-version-kind"] as Schema[] | undefined;
      return kinds?.some(
        (kind) => kind["group"] === gvk.group && kind["version"] === gvk.version && kind["kind"] === gvk.kind,
      );
    })?.[0];
    if (definition === undefined) throw new Error(`no schema for ${groupVersion} ${served.name}`);
    needed.push(definition);
    const table = served.verbs.includes("list")
      ? await get<{ columnDefinitions: Column[] }>(
          `/${prefix}/${served.name}?limit=1`,
          "application/json;as=Table;v=v1;g=meta.k8s.io",
        )
      : undefined;
    resources.push({
      ...served,
      groupVersion,
      definition,
      columns: (table?.columnDefinitions ?? []).map(shortColumn),
    });
  }
}

const kept = new Map<string, Schema>();
for (let name = needed.pop(); name !== undefined; name = needed.pop()) {
  const schema = definitions.get(name);
  if (schema === undefined) throw new Error(`no schema ${name}`);
  if (kept.has(name)) continue;
  kept.set(name, trim(name, schema));
  needed.push(...references(schema));
}

const { gitVersion } = await get<{ gitVersion: string }>("/version");
const lines = (values: string[]): string => {
  const text = values.join("\n");
  if (/`|\$\{/.test(text)) throw new Error("the recorded text does not fit into a template literal");
  return `String.raw\`${text}\``;
};
writeFileSync(
  output,
  `// Written by scripts/record-kubernetes.ts from a kube-apiserver ${gitVersion} and its Go sources; do not edit.

/** The release the data was recorded from. */
export const recordedVersion: string = "${gitVersion}";

/** One built-in schema a line: its name, a space, its JSON. */
export const definitionLines: string = ${lines([...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, schema]) => `${name} ${JSON.stringify(schema)}`))};

/** One served resource or subresource a line, as JSON. */
export const resourceLines: string = ${lines(resources.map((resource) => JSON.stringify(resource)))};
`,
);
process.stdout.write(`${kept.size} schemas, ${resources.length} resources into ${output}\n`);
