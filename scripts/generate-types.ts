import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { decodeYaml } from "@package-operator/kube-yaml";

/** The parts of a CRD that say what types its kind has. */
interface CustomResourceDefinition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

/** Interface names by the end of a property's path; the longest that fits counts. Other objects stay in place. */
const typeNames: Readonly<Record<string, string>> = {
  availabilityProbes: "ObjectSetProbe",
  "availabilityProbes.selector": "ProbeSelector",
  conditionMappings: "ConditionMapping",
  conditions: "Condition",
  controllerOf: "ControlledObjectReference",
  hostedClusterSelector: "LabelSelector",
  "HostedClusterPackage.spec.partition": "HostedClusterPackagePartition",
  "HostedClusterPackage.spec.strategy": "HostedClusterPackageStrategy",
  "HostedClusterPackage.spec.template": "PackageTemplate",
  "HostedClusterPackage.spec.template.spec": "PackageSpec",
  "HostedClusterPackage.status.partitions": "HostedClusterPackagePartitionStatus",
  "HostedClusterPackage.status.processing": "HostedClusterPackageReference",
  matchExpressions: "LabelSelectorRequirement",
  "ObjectDeployment.spec.template": "ObjectSetTemplate",
  "ObjectDeployment.spec.template.spec": "ObjectSetTemplateSpec",
  objects: "ObjectSetObject",
  phases: "ObjectSetTemplatePhase",
  previous: "PreviousRevisionReference",
  probes: "Probe",
  remotePhases: "RemotePhaseReference",
  selector: "LabelSelector",
  sources: "ObjectTemplateSource",
  "sources.items": "ObjectTemplateSourceItem",
  "template.metadata": "TemplateMetadata",
};

/** What a type is for, where its uses are described differently. */
const sharedComments: Readonly<Record<string, string>> = {
  ControlledObjectReference: "An object that is controlled by the one whose status names it.",
  LabelSelector: "Picks objects by their labels; empty picks all.",
  PackageSpec: "What to install.",
  TemplateMetadata: "Metadata for what is made from a template.",
};

/** Reads every CRD of a directory and returns the source text of the TypeScript types. */
export async function generateTypes(directory: string): Promise<string> {
  const declarations = new Declarations();
  for (const name of (await readdir(directory)).toSorted()) {
    if (!name.endsWith(".yaml")) continue;
    const text = await readFile(path.join(directory, name), "utf8");
    const crd = decodeYaml(text, { source: name }) as unknown as CustomResourceDefinition;
    for (const version of crd.spec.versions) {
      addKind(declarations, crd.spec.names.kind, version.schema.openAPIV3Schema);
    }
  }
  return declarations.text();
}

/** The interfaces written so far; a name stands for one schema only. */
class Declarations {
  readonly #bodies = new Map<string, { readonly comment: string; readonly body: string }>();

  add(name: string, comment: string, body: string): void {
    const known = this.#bodies.get(name);
    if (known === undefined) this.#bodies.set(name, { comment, body });
    else if (withoutComments(known.body) !== withoutComments(body)) {
      throw new Error(`two different schemas are called ${name}:\n${known.body}\nand\n${body}`);
    }
  }

  text(): string {
    const sorted = [...this.#bodies].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const interfaces = sorted.map(
      ([name, { comment, body }]) => `${comment}export interface ${name} ${body}\n`,
    );
    return [
      "// Written by `npm run generate` from config/crds; changes made here are lost.",
      'import type { EmbeddedObject, JsonValue, ObjectMeta } from "./object.ts";',
      "",
      interfaces.join("\n"),
    ].join("\n");
  }
}

/** Adds a kind; its cluster-scoped twin shares the types of everything below it. */
function addKind(declarations: Declarations, kind: string, schema: Schema): void {
  const twin = kind.replace(/^Cluster/, "");
  const { apiVersion: _, kind: __, metadata: ___, ...own } = schema.properties ?? {};
  const properties = Object.entries(own).map(([name, property]) =>
    propertyText(declarations, name, property, schema, `${twin}.${name}`),
  );
  const members = [
    'apiVersion: "package-operator.run/v1alpha1";',
    `kind: ${JSON.stringify(kind)};`,
    "metadata: ObjectMeta;",
    ...properties,
  ];
  declarations.add(kind, docComment(schema), block(members));
}

function propertyText(
  declarations: Declarations,
  name: string,
  schema: Schema,
  parent: Schema,
  location: string,
): string {
  const optional = parent.required?.includes(name) === true ? "" : "?";
  return `${docComment(schema)}${name}${optional}: ${typeText(declarations, schema, location)};`;
}

function typeText(declarations: Declarations, schema: Schema, location: string): string {
  switch (schema.type) {
    case "string":
      return schema.enum?.map((value) => JSON.stringify(value)).join(" | ") ?? "string";
    case "boolean":
      return "boolean";
    case "integer":
      return "number";
    case "array": {
      const items = typeText(declarations, schema.items ?? {}, location);
      return /^\w+$/.test(items) ? `${items}[]` : `(${items})[]`;
    }
    case "object":
      return objectText(declarations, schema, location);
    default:
      throw new Error(`${location}: no TypeScript type for schema type ${String(schema.type)}`);
  }
}

function objectText(declarations: Declarations, schema: Schema, location: string): string {
  if (schema["x-kubernetes-embedded-resource"] === true) return "EmbeddedObject";
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return "Record<string, JsonValue>";
  if (schema.additionalProperties !== undefined) {
    return `Record<string, ${typeText(declarations, schema.additionalProperties, location)}>`;
  }
  if (schema.properties === undefined) return "Record<string, never>";
  const properties = Object.entries(schema.properties).map(([name, property]) =>
    propertyText(declarations, name, property, schema, `${location}.${name}`),
  );
  const name = typeName(location);
  if (name === undefined) return block(properties);
  const shared = sharedComments[name];
  declarations.add(
    name,
    docComment(shared === undefined ? schema : { description: shared }),
    block(properties),
  );
  return name;
}

function typeName(location: string): string | undefined {
  const segments = location.split(".");
  const [kind = "", member = ""] = segments;
  if (segments.length === 2 && member !== "objects")
    return kind + member.charAt(0).toUpperCase() + member.slice(1);
  const endings = segments.map((_, index) => segments.slice(index).join("."));
  const known = endings.find((ending) => ending in typeNames);
  return known === undefined ? undefined : typeNames[known];
}

function docComment({ description, default: value }: Schema): string {
  if (description === undefined) return "";
  const text = value === undefined ? description : `${description} Default: \`${JSON.stringify(value)}\`.`;
  if (text.length <= 100) return `/** ${text} */\n`;
  const lines = text.match(/.{1,100}(?: |$)/g) ?? [];
  return ["/**", ...lines.map((line) => ` * ${line.trimEnd()}`), " */\n"].join("\n");
}

function block(members: readonly string[]): string {
  const lines = members.flatMap((member) => member.split("\n").map((line) => `  ${line}`));
  return ["{", ...lines, "}"].join("\n");
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*\*.*?\*\/\n/gs, "");
}
