/**
 * What is wrong with a package. The texts are upstream's; people search for them.
 */
const violationReasons = {
  "no-files": "Package image contains no files. Might be corrupted.",
  "manifest-not-found": "PackageManifest not found",
  "manifest-duplicated": "PackageManifest present multiple times",
  "lock-duplicated": "PackageManifestLock present multiple times",
  "unknown-kind": "unknown GVK",
  "invalid-yaml": "Invalid YAML",
  "phase-annotation-missing": "Missing package-operator.run/phase Annotation",
  "phase-unknown": "Phase name not found in manifest",
  "kind-missing": "GroupVersionKind not set",
  "duplicate-object": "Duplicate Object",
  "invalid-labels": "Labels invalid",
  "unsupported-scope": "Package unsupported scope",
  "fixture-mismatch": "File mismatch against fixture",
  "components-not-enabled": "Components not enabled",
  "component-not-found": "Component not found",
  "nested-components": "Nesting multi-component packages not allowed",
  "stray-component-file": "The components directory may only contain folders and dot files",
  "schema-rejected": "Kubeconform rejected schema",
  "lock-missing-image":
    "Missing image in manifest.lock.yaml, but using PackageManifest.spec.images. Try running: kubectl package update",
  "lock-differs":
    "Image specified in manifest does not match with lockfile. Try running: kubectl package update",
  "invalid-condition": "The CEL expression in package-operator.run/condition annotation is invalid.",
  "invalid-condition-map": "Invalid package-operator.run/condition-map Annotation",
  "invalid-collision-protection": "Invalid package-operator.run/collision-protection Annotation",
} as const;

export type ViolationReason = keyof typeof violationReasons;

/** One thing wrong with a package, and where. */
export interface Violation {
  readonly reason: ViolationReason;
  /** File, relative to the package or component. */
  readonly path?: string | undefined;
  /** Document inside the file, counted from 0. */
  readonly index?: number | undefined;
  readonly component?: string | undefined;
  readonly details?: string | undefined;
  /** The text that is wrong, printed below the message. */
  readonly subject?: string | undefined;
}

/** `<reason>[ in <path>[ idx <index>]][ [<component>]][: <details>][\n<subject>]`, as upstream prints violations. */
export function formatViolation(violation: Violation): string {
  const { reason, path, index, component, details, subject } = violation;
  const place = path === undefined ? "" : ` in ${path}${index === undefined ? "" : ` idx ${index}`}`;
  const text = violationReasons[reason] + place + (component === undefined ? "" : ` [${component}]`);
  const trimmed = subject?.trim();
  return `${text}${details === undefined ? "" : `: ${details}`}${trimmed === undefined ? "" : `\n${trimmed}`}`;
}

/**
 * - `violation`: the package breaks its rules; `violations` says how;
 * - `fields`: fields of a manifest, lock or configuration are wrong;
 * - `template`: a template or expression does not parse or execute;
 * - `configuration`: the configuration does not fit the package;
 * - `io`: a folder or image cannot be read or written;
 * - `image`: content of an image that is no package content, or too much of it;
 * - `reference`: an image reference in a manifest or lock cannot be used;
 * - `repository`: a repository does not have, or already has, what is asked of it;
 * - `dependencies`: dependencies that cannot be met together.
 */
export type PackageErrorCode =
  | "violation"
  | "fields"
  | "template"
  | "configuration"
  | "io"
  | "image"
  | "reference"
  | "repository"
  | "dependencies";

/** The error of this package. */
export class PackageError extends Error {
  override readonly name = "PackageError";
  readonly code: PackageErrorCode;
  readonly violations: readonly Violation[];

  constructor(
    code: PackageErrorCode,
    message: string,
    options: { cause?: unknown; violations?: readonly Violation[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.violations = options.violations ?? [];
  }
}

/** The error for violations, one text per line. */
export function violationError(...violations: readonly Violation[]): PackageError {
  return new PackageError("violation", violations.map(formatViolation).join("\n"), { violations });
}

/** The same error with words in front, as callers add what they were doing. */
export function prefixed(prefix: string, error: PackageError): PackageError {
  return new PackageError(error.code, `${prefix}${error.message}`, {
    cause: error.cause,
    violations: error.violations,
  });
}

/** Several errors as one, their texts on lines of their own; the first one's code. */
export function joined(errors: readonly PackageError[]): PackageError {
  const [first] = errors;
  if (errors.length === 1) return first!;
  return new PackageError(first!.code, errors.map((error) => error.message).join("\n"), {
    violations: errors.flatMap((error) => error.violations),
  });
}
