import { isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { admitObject, type FieldError, formatFieldErrors } from "@package-operator/schema";
import { PackageError } from "./errors.ts";
import { jsonKind } from "./go-struct.ts";
import type { PackageManifest } from "./manifest.ts";

/** A configuration as templates see it, and what is wrong with it. */
export interface AdmittedConfiguration {
  readonly config: JsonObject;
  readonly errors: readonly FieldError[];
}

/**
 * Fits a configuration to the package's schema: unknown keys are dropped (every key, without a schema), defaults filled
 * in, the result validated. The input is not changed; null and absent count as empty.
 *
 * @param path how messages call the configuration. Default: `spec.config`.
 * @throws PackageError `configuration` when it is no object.
 */
export function admitConfig(
  manifest: PackageManifest,
  config: JsonValue | undefined,
  path = "spec.config",
): AdmittedConfiguration {
  const admitted = configObject(config);
  const errors = admitObject(manifest.spec.config.openAPIV3Schema, admitted, path);
  return { config: admitted, errors };
}

/** Like `admitConfig`, but throws `configuration` with all findings in one text. */
export function requireConfig(manifest: PackageManifest, config: JsonValue | undefined): JsonObject {
  const { config: admitted, errors } = admitConfig(manifest, config);
  if (errors.length > 0) throw new PackageError("configuration", formatFieldErrors(errors));
  return admitted;
}

function configObject(config: JsonValue | undefined): JsonObject {
  if (config === undefined || config === null) return {};
  if (isJsonObject(config)) return structuredClone(config);
  throw new PackageError(
    "configuration",
    `unmarshal config: json: cannot unmarshal ${jsonKind(config)} into Go value of type map[string]interface {}`,
  );
}
