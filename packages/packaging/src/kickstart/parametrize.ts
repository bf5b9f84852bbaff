import { encodeYaml, isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { deploymentSchema, objectSchema } from "./config-schema.ts";
import { objectsAt, textAt } from "./json-fields.ts";
import { isClusterScoped, type KindKey } from "./known-kinds.ts";
import type { Parameter } from "./parameter.ts";
import type { SourceObject } from "./source-object.ts";
import { configAt, createTemplateWriter, type TemplateWriter } from "./template-writer.ts";

/** Turns objects into templates, and collects the configuration and images that these need. */
export interface Parametrizer {
  /** The text of the object's file, and whether it is a template. */
  write(source: SourceObject): { readonly text: string; readonly isTemplate: boolean };
  /** The schema of the configuration. */
  schema(): JsonObject;
  /** `spec.images` of the manifest. */
  images(): JsonObject[];
}

/**
 * @param clusterKinds kinds of custom resources that have no namespace.
 */
export function createParametrizer(
  wanted: ReadonlySet<Parameter>,
  clusterKinds: ReadonlySet<KindKey>,
): Parametrizer {
  const namespaces = new Map<string, JsonObject>();
  const deployments = new Map<string, Map<string, JsonObject>>();
  const images = new Map<string, string>();

  const renamed = (writer: TemplateWriter, namespace: string): string => {
    namespaces.set(namespace, { type: "string", default: namespace });
    return writer.text(`default (${configAt("namespaces", namespace)}) .config.namespace`);
  };

  function moveNamespaces(writer: TemplateWriter, { object, kind, namespace, name }: SourceObject): void {
    const metadata = object["metadata"] as JsonObject;
    if (kind === "Namespace") metadata["name"] = renamed(writer, name);
    else if (namespace !== "") metadata["namespace"] = renamed(writer, namespace);
    else if (!isClusterScoped(kind) && !clusterKinds.has(kind)) {
      metadata["namespace"] = writer.optional(".config.namespace");
    }
    if (!/^(?:Cluster)?RoleBinding\.rbac\.authorization\.k8s\.io$/.test(kind)) return;
    for (const subject of objectsAt(object, "subjects")) {
      const place = textAt(subject, "namespace");
      if (place !== "") subject["namespace"] = renamed(writer, place);
    }
  }

  /** A free name in the manifest for a container's image. */
  function addImage(container: string, image: string): string {
    let name = container;
    for (let count = 1; images.has(name); count += 1) name = `${container}-${count}`;
    images.set(name, image);
    return name;
  }

  function openDeployment(writer: TemplateWriter, { object, namespace, name }: SourceObject): void {
    const at = (...path: readonly string[]): string => configAt("deployments", namespace, name, ...path);
    const spec = ensureObject(object, "spec");
    const pod = ensureObject(ensureObject(spec, "template"), "spec");
    const place = deployments.get(namespace) ?? new Map<string, JsonObject>();
    deployments.set(namespace, place.set(name, deploymentSchema(`${namespace}/${name}`, spec, pod, wanted)));
    if (wanted.has("replicas")) spec["replicas"] = writer.value(at("replicas"));
    if (wanted.has("tolerations")) append(writer, pod, "tolerations", at("tolerations"));
    if (wanted.has("nodeselectors")) pod["nodeSelector"] = writer.optional(at("nodeSelector"));
    for (const container of objectsAt(pod, "containers")) {
      const own = (field: string): string => at("containers", textAt(container, "name"), field);
      if (wanted.has("env")) append(writer, container, "env", own("env"));
      if (wanted.has("resources")) container["resources"] = writer.value(own("resources"));
    }
    if (!wanted.has("images")) return;
    for (const container of [...objectsAt(pod, "initContainers"), ...objectsAt(pod, "containers")]) {
      const image = textAt(container, "image");
      if (image === "" || image.includes("@")) continue;
      const key = addImage(textAt(container, "name"), image);
      container["image"] = writer.text(`index .images ${JSON.stringify(key)}`);
    }
  }

  return {
    write(source) {
      const writer = createTemplateWriter();
      const changed = { ...source, object: structuredClone(source.object) };
      const isDeployment = source.kind === "Deployment.apps" && source.object["apiVersion"] === "apps/v1";
      if (wanted.has("namespaces")) moveNamespaces(writer, changed);
      if (wanted.size > 0 && isDeployment) openDeployment(writer, changed);
      const isTemplate = writer.isUsed || (wanted.size > 0 && isDeployment);
      return { text: isTemplate ? writer.write(changed.object) : encodeYaml(changed.object), isTemplate };
    },
    schema: () => ({
      type: "object",
      properties: {
        namespace: { type: "string", default: "", description: "Overrides all namespaces." },
        namespaces: objectSchema(sorted(namespaces)),
        deployments: objectSchema(
          sorted(new Map([...deployments].map(([place, named]) => [place, objectSchema(sorted(named))]))),
        ),
      },
    }),
    images: () => Object.entries(sorted(images)).map(([name, image]) => ({ name, image })),
  };
}

function sorted<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function ensureObject(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (isJsonObject(value)) return value;
  const created: JsonObject = {};
  parent[key] = created;
  return created;
}

/** The list keeps its elements and gets those of the configuration behind them. */
function append(writer: TemplateWriter, parent: JsonObject, key: string, pipeline: string): void {
  const present = parent[key];
  parent[key] =
    Array.isArray(present) && present.length > 0
      ? [...present, writer.elements(pipeline)]
      : writer.value(pipeline);
}
