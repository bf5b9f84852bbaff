import type { TemplateFunction } from "../functions/function.ts";
import { versionMethod } from "../functions/semver/methods.ts";
import type { ByteString } from "../text/byte-string.ts";
import { typeOf } from "../value/type.ts";
import { GoVersion, type Value } from "../value/value.ts";
import type { Fail } from "./assign.ts";

const versionFields: ReadonlySet<string> = new Set([
  "major",
  "minor",
  "patch",
  "pre",
  "metadata",
  "original",
]);

/** The method that a field access names; fails for everything that has none, in Go's words. */
export function bindMethod(receiver: Value, name: ByteString, boxed: boolean, fail: Fail): TemplateFunction {
  const type = boxed ? "interface {}" : typeOf(receiver);
  if (!(receiver instanceof GoVersion)) return fail(`can't evaluate field ${name} in type ${type}`);
  const method = versionMethod(receiver, name);
  if (method !== undefined) return method;
  if (versionFields.has(name)) fail(`${name} is an unexported field of struct type ${type}`);
  return fail(`can't evaluate field ${name} in type ${type}`);
}
