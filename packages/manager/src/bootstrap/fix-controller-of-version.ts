import { type KubeClient, type KubeObject } from "@package-operator/kube";
import { isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { jsonEqual } from "@package-operator/rollout";
import type { StepOptions } from "./cluster-package.ts";
import type { Fix } from "./fixes.ts";

const crdNames = ["clusterobjectsets", "objectsets"].map((plural) => `${plural}.package-operator.run`);

const revisionRule = {
  rule: "!has(oldSelf.revision) || (self.revision == oldSelf.revision)",
  message: "revision is immutable",
};

/**
 * Before release 1.18.3 the CRDs of object sets knew neither `spec.revision` nor the version in `status.controllerOf`;
 * the new controllers could not store what they have to.
 */
export const controllerOfVersionFix: Fix = {
  name: "*fix.ControllerOfVersionFix",
  async applies(client, options) {
    const crds = await readCrds(client, options);
    return crds.some((crd) => !jsonEqual(crd, upgradeCrd(crd)));
  },
  async run(client, options) {
    for (const crd of await readCrds(client, options)) {
      const upgraded = upgradeCrd(crd);
      if (!jsonEqual(crd, upgraded)) await client.update(upgraded, { signal: options.signal });
    }
  },
};

function readCrds(client: KubeClient, { signal }: StepOptions): Promise<KubeObject[]> {
  const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
  return Promise.all(crdNames.map((name) => client.get({ ...kind, name }, { signal })));
}

/** The CRD with what the present controllers store; a CRD that has it comes back as it was. */
export function upgradeCrd(crd: KubeObject): KubeObject {
  return edit(
    crd as unknown as JsonObject,
    ["spec", "versions", "0", "schema", "openAPIV3Schema", "properties"],
    (properties) => ({
      ...properties,
      spec: upgradeSpec(objectAt(properties["spec"])),
      status: edit(objectAt(properties["status"]), ["properties", "controllerOf", "items"], upgradeReference),
    }),
  ) as unknown as KubeObject;
}

function upgradeSpec(spec: JsonObject): JsonObject {
  const rules = Array.isArray(spec["x-kubernetes-validations"]) ? spec["x-kubernetes-validations"] : [];
  const hasRule = rules.some((entry) => objectAt(entry)["rule"] === revisionRule.rule);
  const properties = objectAt(spec["properties"]);
  return {
    ...spec,
    properties: {
      ...properties,
      revision: properties["revision"] ?? {
        type: "integer",
        format: "int64",
        description: "Revision of the set.",
      },
    },
    "x-kubernetes-validations": hasRule ? rules : [...rules, revisionRule],
  };
}

function upgradeReference(items: JsonObject): JsonObject {
  const properties = objectAt(items["properties"]);
  const required = Array.isArray(items["required"]) ? items["required"] : [];
  return {
    ...items,
    properties: {
      ...properties,
      version: properties["version"] ?? { type: "string", description: "Object version." },
    },
    required: required.includes("version") ? required : [...required, "version"],
  };
}

/** Replaces the object at a path, where there is one. */
function edit(
  value: JsonValue | undefined,
  path: readonly string[],
  change: (found: JsonObject) => JsonObject,
): JsonObject {
  const object = objectAt(value);
  const [key, ...rest] = path;
  if (key === undefined) return change(object);
  const child = object[key];
  if (Array.isArray(child)) {
    const [index = "0", ...below] = rest;
    return {
      ...object,
      [key]: child.map((item, at) => (at === Number(index) ? edit(item, below, change) : item)),
    };
  }
  return isJsonObject(child) ? { ...object, [key]: edit(child, rest, change) } : object;
}

function objectAt(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
