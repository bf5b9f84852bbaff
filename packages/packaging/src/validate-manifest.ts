import {
  type FieldError,
  formatFieldErrors,
  invalid,
  isConfigMapKey,
  parseConstraint,
  required,
  SchemaError,
  validateObject,
  validateStructural,
} from "@package-operator/schema";
import { isJsonObject } from "@package-operator/kube-yaml";
import { PackageError } from "./errors.ts";
import { jsonKind } from "./go-struct.ts";
import type {
  ManifestConstraint,
  PackageManifest,
  PackageManifestLock,
  PackageManifestSpec,
  TemplateTest,
} from "./manifest.ts";

/**
 * Checks the fields of a manifest and its lock.
 * @throws PackageError `configuration` when the configuration of a test is no object.
 */
export function manifestFieldErrors(manifest: PackageManifest, lock?: PackageManifestLock): FieldError[] {
  return [...manifestErrors(manifest), ...(lock === undefined ? [] : lockErrors(lock))];
}

/** All field errors as one text, exact repetitions once; undefined when there are none. */
export function fieldErrorText(errors: readonly FieldError[]): string | undefined {
  return errors.length === 0 ? undefined : formatFieldErrors(errors);
}

function manifestErrors({ metadata, spec, test }: PackageManifest): FieldError[] {
  const schema = spec.config.openAPIV3Schema;
  const schemaErrors = schema === undefined ? [] : validateStructural(schema, "spec.config.openAPIV3Schema");
  return [
    ...requireText("metadata.name", metadata.name),
    ...(spec.scopes.length === 0 ? [required("spec.scopes")] : []),
    ...phaseErrors(spec),
    ...probeErrors(spec),
    ...imageErrors("spec.images", spec.images, ["image"]),
    ...constraintErrors("spec.constraints", spec.constraints),
    ...dependencyErrors(spec),
    ...schemaErrors,
    ...test.template.flatMap((one, index) => testErrors(one, index, spec, schemaErrors.length === 0)),
    ...(test.kubeconform === undefined
      ? []
      : requireText("test.kubeconform.kubernetesVersion", test.kubeconform.kubernetesVersion)),
  ];
}

function requireText(path: string, value: string): FieldError[] {
  return value === "" ? [required(path)] : [];
}

function phaseErrors({ phases }: PackageManifestSpec): FieldError[] {
  if (phases.length === 0) return [required("spec.phases")];
  return repeated(phases.map(({ name }) => name)).map(([index, name]) =>
    invalid(`spec.phases[${index}].name`, name, "must be unique"),
  );
}

function probeErrors({ availabilityProbes = [] }: PackageManifestSpec): FieldError[] {
  return availabilityProbes.flatMap(({ probes }, index) =>
    Array.isArray(probes) && probes.length > 0 ? [] : [required(`spec.availabilityProbes[${index}].probes`)],
  );
}

function imageErrors<Field extends string>(
  path: string,
  images: readonly (Readonly<Record<Field, string>> & { readonly name: string })[],
  fields: readonly Field[],
): FieldError[] {
  const seen = new Set<string>();
  return images.flatMap((image, index) => {
    const { name } = image;
    const nameErrors =
      name === ""
        ? [invalid(`${path}[${index}].name`, "", "must be non empty")]
        : seen.has(name)
          ? [invalid(`${path}[${index}].name`, name, "must be unique")]
          : [];
    seen.add(name);
    const empty = fields.filter((field) => image[field] === "");
    return [
      ...nameErrors,
      ...empty.map((field) => invalid(`${path}[${index}].${field}`, "", "must be non empty")),
    ];
  });
}

/** The indexes and names of repetitions; the first of each name is none. */
function repeated(names: readonly string[]): [number, string][] {
  const seen = new Set<string>();
  return [...names.entries()].filter(([, name]) => {
    const known = seen.has(name);
    seen.add(name);
    return known;
  });
}

/** Also the constraints of repository entries, below `data.constraints`. */
export function constraintErrors(path: string, constraints: readonly ManifestConstraint[]): FieldError[] {
  return constraints.flatMap(({ platformVersion }, index) => {
    if (platformVersion === undefined) return [];
    const at = `${path}[${index}].platformVersion`;
    const { name, range } = platformVersion;
    return [...requireText(`${at}.name`, name), ...rangeErrors(`${at}.range`, range)];
  });
}

function rangeErrors(path: string, range: string): FieldError[] {
  if (range === "") return [required(path)];
  try {
    parseConstraint(range);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return [invalid(path, range, "improper constraint")];
  }
}

function dependencyErrors({ dependencies }: PackageManifestSpec): FieldError[] {
  return dependencies.flatMap(({ image }, index) =>
    image === undefined ? [required(`spec.dependencies[${index}].image`)] : [],
  );
}

function testErrors(
  { name, context }: TemplateTest,
  index: number,
  spec: PackageManifestSpec,
  schemaIsSound: boolean,
): FieldError[] {
  const path = `test.template[${index}]`;
  const nameErrors = isConfigMapKey(name).map((detail) => invalid(`${path}.name`, name, detail));
  const schema = spec.config.openAPIV3Schema;
  const { config } = context;
  if (config !== undefined && !isJsonObject(config)) {
    throw new PackageError(
      "configuration",
      `unmarshal config at test ${name}: json: cannot unmarshal ${jsonKind(config)} into Go value of type map[string]interface {}`,
    );
  }
  if (!schemaIsSound || schema === undefined || config === undefined) return nameErrors;
  return [...nameErrors, ...validateObject(schema, config, `${path}.context.config`, { numbers: "double" })];
}

function lockErrors({ spec }: PackageManifestLock): FieldError[] {
  return imageErrors("spec.images", spec.images, ["image", "digest"]);
}
