import { forbidden, invalid, required, type FieldError } from "./field-error.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";
import { isDns1123Label, isLabelValue, isQualifiedName, maskTrailingDash } from "./names.ts";

/** Largest sum of all keys and values of an object's annotations, in bytes. */
export const totalAnnotationSizeLimit: number = 256 * 1024;

/** Checks the labels of an object as the Kubernetes API server does. */
export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const detail of isQualifiedName(key)) errors.push(invalid(path, key, detail));
    for (const detail of isLabelValue(value)) errors.push(invalid(path, value, detail));
  }
  return errors;
}

/** Checks the annotations of an object: keys like label keys in any case, total size. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...isQualifiedName(key.toLowerCase()).map((detail) => invalid(path, key, detail)));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > totalAnnotationSizeLimit) {
    errors.push({
      type: "FieldValueTooLong",
      path,
      detail: `may not be more than ${totalAnnotationSizeLimit} bytes`,
    });
  }
  return errors;
}

/** How `validateObjectMeta` reads names and namespaces. */
export interface ObjectMetaOptions {
  /** Whether the kind lives in namespaces. */
  readonly namespaced: boolean;
  /** Findings about the name; DNS-1123 subdomain for custom resources. */
  readonly validateName: (name: string) => string[];
}

/** Checks `metadata` of an object that is about to be stored; `path` is usually `metadata`. */
export function validateObjectMeta(meta: JsonValue, path: string, options: ObjectMetaOptions): FieldError[] {
  const fields = isJsonObject(meta) ? meta : {};
  const text = (key: string): string => (typeof fields[key] === "string" ? fields[key] : "");
  const errors: FieldError[] = [];
  const generateName = text("generateName");
  if (generateName !== "") {
    for (const detail of options.validateName(maskTrailingDash(generateName))) {
      errors.push(invalid(`${path}.generateName`, generateName, detail));
    }
  }
  const name = text("name");
  if (name === "") errors.push(required(`${path}.name`, "name or generateName is required"));
  else errors.push(...options.validateName(name).map((detail) => invalid(`${path}.name`, name, detail)));
  errors.push(...validateNamespace(text("namespace"), `${path}.namespace`, options.namespaced));
  errors.push(...validateLabels(stringMap(fields["labels"]), `${path}.labels`));
  errors.push(...validateAnnotations(stringMap(fields["annotations"]), `${path}.annotations`));
  errors.push(...validateOwnerReferences(fields["ownerReferences"], `${path}.ownerReferences`));
  errors.push(...validateFinalizers(fields["finalizers"], `${path}.finalizers`));
  return errors;
}

function validateNamespace(namespace: string, path: string, namespaced: boolean): FieldError[] {
  if (!namespaced) return namespace === "" ? [] : [forbidden(path, "not allowed on this type")];
  if (namespace === "") return [required(path)];
  return isDns1123Label(namespace).map((detail) => invalid(path, namespace, detail));
}

function validateOwnerReferences(value: JsonValue | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const controllers: string[] = [];
  const references = Array.isArray(value) ? value.filter(isJsonObject) : [];
  for (const reference of references) {
    for (const key of ["apiVersion", "kind", "name", "uid"]) {
      const text = reference[key];
      if (typeof text !== "string" || text === "") {
        errors.push(
          invalid(
            `${path}.${key}`,
            text ?? "",
            key === "apiVersion" ? "version must not be empty" : "must not be empty",
          ),
        );
      }
    }
    if (reference["controller"] === true)
      controllers.push(typeof reference["name"] === "string" ? reference["name"] : "");
  }
  if (controllers.length > 1) {
    errors.push(
      invalid(
        path,
        references,
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers.slice(0, 2).join(" and ")}`,
      ),
    );
  }
  return errors;
}

function validateFinalizers(value: JsonValue | undefined, path: string): FieldError[] {
  const finalizers = Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  return finalizers.flatMap((finalizer) =>
    isQualifiedName(finalizer).map((detail) => invalid(path, finalizer, detail)),
  );
}

function stringMap(value: JsonValue | undefined): Record<string, string> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
