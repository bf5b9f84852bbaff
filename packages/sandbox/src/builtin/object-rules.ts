import { type FieldError, forbidden, invalid, isConfigMapKey, required } from "@package-operator/schema";
import {
  ensureObject,
  equalJson,
  getNumber,
  getObject,
  getObjects,
  getString,
  getStringMap,
  getStrings,
  isTrue,
  type JsonObject,
} from "../json.ts";

const maxDataSize = 1024 * 1024;

/** Checks the keys and the size of a ConfigMap. */
export function validateConfigMap(object: JsonObject): FieldError[] {
  const data = getStringMap(object, "data");
  const binary = getStringMap(object, "binaryData");
  const errors = [...keyErrors(data, "data"), ...keyErrors(binary, "binaryData")];
  for (const key of Object.keys(data)) {
    if (Object.hasOwn(binary, key))
      errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
  }
  const size = [...Object.values(data), ...Object.values(binary)].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    0,
  );
  if (size > maxDataSize) errors.push(tooLong(""));
  return errors;
}

/** Checks the keys and the size of a Secret, and what its type wants. */
export function validateSecret(object: JsonObject): FieldError[] {
  const data = getStringMap(object, "data");
  const errors = keyErrors(data, "data");
  const size = Object.values(data).reduce((sum, text) => sum + Buffer.from(text, "base64").length, 0);
  if (size > maxDataSize) errors.push(tooLong("data"));
  const wanted: Record<string, string> = {
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
    "kubernetes.io/dockercfg": ".dockercfg",
  };
  const key = wanted[getString(object, "type")];
  if (key !== undefined) {
    const text = data[key];
    if (text === undefined) errors.push(required(`data[${key}]`));
    else if (!isJson(Buffer.from(text, "base64").toString())) {
      errors.push(invalid(`data[${key}]`, "<secret contents redacted>", "invalid character in JSON"));
    }
  }
  if (getString(object, "type") === "kubernetes.io/tls") {
    for (const name of ["tls.crt", "tls.key"]) {
      if (data[name] === undefined) errors.push(required(`data[${name}]`));
    }
  }
  return errors;
}

/** `immutable: true` freezes the data and itself. */
export function validateImmutable(object: JsonObject, old: JsonObject): FieldError[] {
  if (!isTrue(old, "immutable")) return [];
  const errors: FieldError[] = [];
  const frozen = "field is immutable when `immutable` is set";
  if (!isTrue(object, "immutable")) errors.push(forbidden("immutable", frozen));
  for (const field of ["data", "binaryData"]) {
    if (!equalJson(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, frozen));
  }
  return errors;
}

/** The type of a Secret never changes. */
export function validateSecretUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  return [...validateUnchanged(object, old, "type"), ...validateImmutable(object, old)];
}

/** Moves `stringData` into `data`. */
export function mergeStringData(secret: JsonObject): void {
  const texts = getStringMap(secret, "stringData");
  delete secret["stringData"];
  if (Object.keys(texts).length === 0) return;
  const data = ensureObject(secret, "data");
  for (const [key, text] of Object.entries(texts)) data[key] = Buffer.from(text).toString("base64");
}

/** Checks the rules of a Role or ClusterRole. */
export function validateRole(object: JsonObject): FieldError[] {
  return getObjects(object, "rules").flatMap((rule, index) => {
    const at = `rules[${index}]`;
    if (getStrings(rule, "verbs").length === 0)
      return [required(`${at}.verbs`, "verbs must contain at least one value")];
    if (getStrings(rule, "nonResourceURLs").length > 0) {
      if (object["kind"] === "Role") {
        return [
          invalid(
            `${at}.nonResourceURLs`,
            getStrings(rule, "nonResourceURLs"),
            "namespaced rules cannot apply to non-resource URLs",
          ),
        ];
      }
      return [];
    }
    const errors: FieldError[] = [];
    if (getStrings(rule, "apiGroups").length === 0) {
      errors.push(required(`${at}.apiGroups`, "resource rules must supply at least one api group"));
    }
    if (getStrings(rule, "resources").length === 0) {
      errors.push(required(`${at}.resources`, "resource rules must supply at least one resource"));
    }
    return errors;
  });
}

/** Checks the role and the subjects of a binding. */
export function validateBinding(object: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const role = getObject(object, "roleRef") ?? {};
  const kinds = object["kind"] === "ClusterRoleBinding" ? ["ClusterRole"] : ["Role", "ClusterRole"];
  if (!kinds.includes(getString(role, "kind"))) {
    errors.push({
      type: "FieldValueNotSupported",
      path: "roleRef.kind",
      badValue: getString(role, "kind"),
      detail: `supported values: ${kinds.map((kind) => JSON.stringify(kind)).join(", ")}`,
    });
  }
  if (getString(role, "name") === "") errors.push(required("roleRef.name"));
  for (const [index, subject] of getObjects(object, "subjects").entries()) {
    const at = `subjects[${index}]`;
    if (getString(subject, "name") === "") errors.push(required(`${at}.name`));
    if (
      getString(subject, "kind") === "ServiceAccount" &&
      object["kind"] === "ClusterRoleBinding" &&
      getString(subject, "namespace") === ""
    ) {
      errors.push(required(`${at}.namespace`));
    }
  }
  return errors;
}

/** The role of a binding never changes. */
export function validateBindingUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  return equalJson(object["roleRef"], old["roleRef"])
    ? []
    : [invalid("roleRef", goRoleRef(getObject(object, "roleRef") ?? {}), "cannot change roleRef")];
}

/** Messages show the names of the Go type's fields. */
function goRoleRef(role: JsonObject): JsonObject {
  return {
    APIGroup: getString(role, "apiGroup"),
    Kind: getString(role, "kind"),
    Name: getString(role, "name"),
  };
}

/** Checks the numbers of a Lease. */
export function validateLease(object: JsonObject): FieldError[] {
  const seconds = getNumber(object, "spec", "leaseDurationSeconds");
  return seconds !== undefined && seconds <= 0
    ? [invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")]
    : [];
}

/** Finding when a top-level field differs from before. */
function validateUnchanged(object: JsonObject, old: JsonObject, field: string): FieldError[] {
  return equalJson(object[field], old[field])
    ? []
    : [invalid(field, object[field] ?? null, "field is immutable")];
}

function keyErrors(data: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.keys(data).flatMap((key) =>
    isConfigMapKey(key).map((detail) => invalid(`${path}[${key}]`, key, detail)),
  );
}

function tooLong(path: string): FieldError {
  return { type: "FieldValueTooLong", path, detail: `may not be more than ${maxDataSize} bytes` };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
