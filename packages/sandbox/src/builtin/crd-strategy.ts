import {
  compileRules,
  type FieldError,
  invalid,
  isDns1035Label,
  isDns1123Subdomain,
  type JsonSchema,
  notSupported,
  required,
  validateStructural,
} from "@package-operator/schema";
import { type Condition, withCondition } from "../controllers/conditions.ts";
import { setOf } from "../fields/field-set.ts";
import {
  equalJson,
  getObject,
  getObjects,
  getString,
  getStrings,
  isTrue,
  type JsonObject,
  metadataOf,
  nameOf,
} from "../json.ts";
import type { Strategy } from "../resources/strategy.ts";

/** Finalizer that keeps a definition until its instances are gone. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

const terminating: Condition = {
  type: "Terminating",
  status: "True",
  reason: "InstanceDeletionPending",
  message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
};

/** The rules of CustomResourceDefinitions. */
export const crdStrategy: Strategy = {
  resetFields: { "": setOf(["f:status"]), status: setOf(["f:metadata"], ["f:spec"]) },
  generationOf: (object) => ({ spec: object["spec"] ?? null }),
  prepareForCreate: (definition) => {
    const storage = getObjects(definition, "spec", "versions").find((version) => isTrue(version, "storage"));
    definition["status"] = {
      conditions: null,
      acceptedNames: { plural: "", kind: "" },
      storedVersions: storage === undefined ? null : [getString(storage, "name")],
    };
  },
  prepareForUpdate: (definition, old) => {
    const stored = getStrings(old, "status", "storedVersions");
    const storage = getObjects(definition, "spec", "versions").find((version) => isTrue(version, "storage"));
    const name = getString(storage, "name");
    if (name === "" || stored.includes(name)) return;
    definition["status"] = { ...getObject(definition, "status"), storedVersions: [...stored, name] };
  },
  prepareForStatusUpdate: (definition, old) => {
    const { managedFields } = metadataOf(definition);
    const { managedFields: _old, ...metadata } = metadataOf(old);
    definition["metadata"] = managedFields === undefined ? metadata : { ...metadata, managedFields };
  },
  deletionGeneration: false,
  // A definition goes only when a controller has deleted its instances.
  finalizers: (definition) => {
    const finalizers = getStrings(definition, "metadata", "finalizers");
    return getString(definition, "metadata", "deletionTimestamp") === ""
      ? [...finalizers, cleanupFinalizer]
      : finalizers;
  },
  markDeleted: (definition, now) => {
    const metadata = metadataOf(definition);
    delete metadata["deletionGracePeriodSeconds"];
    metadata["finalizers"] = [...new Set([...getStrings(metadata, "finalizers"), cleanupFinalizer])];
    const conditions = withCondition(getObjects(definition, "status", "conditions"), terminating, now);
    definition["status"] = { ...getObject(definition, "status"), conditions };
  },
  validate: validateDefinition,
  validateUpdate: (definition, old) => {
    const established = getObjects(old, "status", "conditions").some(
      (condition) => condition["type"] === "Established" && condition["status"] === "True",
    );
    const errors: FieldError[] = [];
    const fixed = established ? ["scope"] : [];
    for (const field of ["group", ...fixed]) {
      if (!equalJson(getObject(definition, "spec")?.[field], getObject(old, "spec")?.[field])) {
        errors.push(invalid(`spec.${field}`, getString(definition, "spec", field), "field is immutable"));
      }
    }
    for (const name of established ? ["plural", "kind"] : []) {
      const value = getString(definition, "spec", "names", name);
      if (value !== getString(old, "spec", "names", name)) {
        errors.push(invalid(`spec.names.${name}`, value, "field is immutable"));
      }
    }
    return errors;
  },
};

function validateDefinition(definition: JsonObject): FieldError[] {
  const spec = getObject(definition, "spec") ?? {};
  const group = getString(spec, "group");
  const errors: FieldError[] = [];
  const wanted = `${getString(spec, "names", "plural")}.${group}`;
  if (nameOf(definition) !== wanted) {
    errors.push(invalid("metadata.name", nameOf(definition), 'must be spec.names.plural+"."+spec.group'));
  }
  if (group === "") errors.push(required("spec.group"));
  else if (!group.includes(".")) {
    errors.push(invalid("spec.group", group, "should be a domain with at least one dot"));
  } else errors.push(...isDns1123Subdomain(group).map((detail) => invalid("spec.group", group, detail)));
  const scope = getString(spec, "scope");
  if (scope === "") errors.push(required("spec.scope"));
  else if (scope !== "Cluster" && scope !== "Namespaced") {
    errors.push(notSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
  }
  return [
    ...errors,
    ...validateVersions(spec),
    ...validateNames(getObject(spec, "names") ?? {}, "spec.names"),
    ...validateApproval(definition, group),
  ];
}

function validateVersions(spec: JsonObject): FieldError[] {
  const versions = getObjects(spec, "versions");
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  // The internal form of a definition keeps a schema that all versions share in one place, which shows in paths.
  const [first] = versions;
  const shared = versions.every((version) => equalJson(version["schema"], first?.["schema"]));
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    const name = getString(version, "name");
    errors.push(...isDns1035Label(name).map((detail) => invalid(`${at}.name`, name, detail)));
    if (seen.has(name)) errors.push(invalid(`${at}.name`, name, "must contain unique version names"));
    seen.add(name);
    const schema = getObject(version, "schema", "openAPIV3Schema");
    const path = `${at}.schema.openAPIV3Schema`;
    if (schema === undefined)
      errors.push(versions.length > 1 ? required(path, "schemas are required") : required(path));
    else errors.push(...validateSchema(schema, shared ? "spec.validation.openAPIV3Schema" : path));
  }
  const storage = versions.filter((version) => isTrue(version, "storage"));
  if (storage.length !== 1) {
    errors.push(
      invalid("spec.versions", versions, "must have exactly one version marked as storage version"),
    );
  }
  const strategy = getString(spec, "conversion", "strategy");
  if (strategy !== "None" && strategy !== "Webhook") {
    errors.push(notSupported("spec.conversion.strategy", strategy, ["None", "Webhook"]));
  }
  return errors;
}

function validateSchema(schema: JsonSchema, path: string): FieldError[] {
  const errors = validateStructural(schema, path);
  return errors.length > 0 ? errors : [...compileRules(schema, path, { resourceRoot: true }).errors];
}

function validateNames(names: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const label = (field: string, text: string): void => {
    if (text === "") errors.push(required(`${path}.${field}`));
    else errors.push(...isDns1035Label(text).map((detail) => invalid(`${path}.${field}`, text, detail)));
  };
  label("plural", getString(names, "plural"));
  label("singular", getString(names, "singular"));
  label("kind", getString(names, "kind").toLowerCase());
  label("listKind", getString(names, "listKind").toLowerCase());
  for (const [index, short] of getStrings(names, "shortNames").entries())
    label(`shortNames[${index}]`, short);
  const kind = getString(names, "kind");
  if (kind !== "" && kind === getString(names, "listKind")) {
    errors.push(invalid(`${path}.listKind`, kind, "kind and listKind may not be the same"));
  }
  return errors;
}

/** Groups of the Kubernetes project want an approval note. */
function validateApproval(definition: JsonObject, group: string): FieldError[] {
  const owned = ["k8s.io", "kubernetes.io"].some(
    (domain) => group === domain || group.endsWith(`.${domain}`),
  );
  const annotation = "api-approved.kubernetes.io";
  if (!owned || getString(definition, "metadata", "annotations", annotation) !== "") return [];
  return [
    required(
      `metadata.annotations[${annotation}]`,
      `protected groups must have approval annotation "${annotation}", see https://github.com/kubernetes/enhancements/pull/1111`,
    ),
  ];
}
