import { createHash } from "node:crypto";
import { dumpString } from "./go-dump.ts";
import { objectsText, packageText, prefixOverridesText, templateText } from "./hash-text.ts";
import type { JsonValue } from "./object.ts";
import type { ObjectSetObject, ObjectSetTemplate, PackageSpec } from "./types.generated.ts";

// These hashes equal the Go operator's to the byte. If they did not, taking over a cluster from it would give every
// package a new revision.

/** The texts that hashes are made of: compare two of them to see why a hash changed. */
export const hashText: {
  readonly string: (value: string) => string;
  readonly template: typeof templateText;
  readonly objects: typeof objectsText;
  readonly packageSpec: typeof packageText;
  readonly prefixOverrides: typeof prefixOverridesText;
} = {
  string: (value) => dumpString(value),
  template: templateText,
  objects: objectsText,
  packageSpec: packageText,
  prefixOverrides: prefixOverridesText,
};

/**
 * The hash of an ObjectDeployment's template, which ends the name of the ObjectSet made from it. Hash the template as
 * the API server returned it, with its defaults. Without a collision count (which differs from 0) none goes in.
 */
export function templateHash(template: ObjectSetTemplate, collisionCount?: number): string {
  return shortHash(templateText(template), collisionCount);
}

/** The hash that ends the name of an ObjectSlice. Hash the objects as rendered, before the API server's defaults. */
export function sliceHash(objects: readonly ObjectSetObject[], collisionCount: number): string {
  return shortHash(objectsText(objects), collisionCount);
}

/** How `packageSpecHash` and `unpackedHash` see a package's spec. */
export interface PackageHashOptions {
  /** Writes the configuration as the API server does: compact, sorted keys, Go's escapes. */
  readonly encodeJson: (value: JsonValue) => string;
  /** The process' `-package-hash-modifier`; absent and 0 mean none. */
  readonly modifier?: number | undefined;
}

/** The hash of a package's spec: 64 hexadecimal digits. */
export function packageSpecHash(spec: PackageSpec, options: PackageHashOptions): string {
  const config = spec.config == null ? undefined : options.encodeJson(spec.config);
  return longHash(packageText({ ...spec, config }), options.modifier === 0 ? undefined : options.modifier);
}

/** The hash of image prefix overrides in the order they were given: 64 hexadecimal digits. */
export function prefixOverridesHash(
  rules: readonly { readonly from: string; readonly to: string }[],
): string {
  return longHash(prefixOverridesText(rules));
}

/**
 * What `status.unpackedHash` holds once a package is unpacked: the hash of its spec, followed by the hash of the image
 * prefix overrides when there are any.
 */
export function unpackedHash(
  spec: PackageSpec,
  options: PackageHashOptions & {
    readonly prefixOverrides: readonly { readonly from: string; readonly to: string }[];
  },
): string {
  const { prefixOverrides } = options;
  const suffix = prefixOverrides.length === 0 ? "" : prefixOverridesHash(prefixOverrides);
  return packageSpecHash(spec, options) + suffix;
}

/** FNV-1a over the text, its decimal digits in the alphabet of names that spell no words; 1 to 10 characters. */
export function shortHash(text: string, collisionCount?: number): string {
  let hash = 0x811c9dc5;
  for (const byte of hashed(text, collisionCount)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const alphabet = "456789bcdf";
  return String(hash >>> 0).replaceAll(/\d/g, (digit) => alphabet.charAt(Number(digit)));
}

/** SHA-256 over the text, in hexadecimal. */
export function longHash(text: string, collisionCount?: number): string {
  return createHash("sha256").update(hashed(text, collisionCount)).digest("hex");
}

/** The count is written as Go's `PutUint32` does, into the first half of eight bytes. */
function hashed(text: string, collisionCount: number | undefined): Buffer {
  if (collisionCount === undefined) return Buffer.from(text);
  const suffix = Buffer.alloc(8);
  suffix.writeInt32LE(collisionCount | 0);
  return Buffer.concat([Buffer.from(text), suffix]);
}
