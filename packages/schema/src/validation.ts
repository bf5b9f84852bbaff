import { invalid, type FieldError } from "./field-error.ts";
import { isKnownFormat } from "./formats.ts";
import { goFloat } from "./go-float.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { JsonValue } from "./json-value.ts";

/** What stays the same during one validation. */
export interface Validation {
  /** Field path of the root. */
  readonly root: string;
  readonly double: boolean;
}

/** Field path of a name below the root. */
export function fieldPath({ root }: Validation, name: string): string {
  const trimmed = name.startsWith(".") ? name.slice(1) : name;
  if (trimmed === "") return root;
  return root === "" ? trimmed : `${root}.${trimmed}`;
}

/** Field error with a number or other value that breaks a rule, shown as Go shows its type. */
export function invalidValue(
  validation: Validation,
  name: string,
  value: JsonValue,
  rule: string,
): FieldError {
  const error = invalid(fieldPath(validation, name), value, `${name} in body ${rule}`);
  return validation.double && typeof value === "number" ? { ...error, valueText: goFloat(value) } : error;
}

/** Formats of numbers that the API server knows; others are dropped like unknown formats of text. */
const numberFormats: ReadonlySet<string> = new Set(["int32", "int64", "float", "double"]);

/** Types and format of a schema as far as they are enforced. */
export function declared(schema: JsonSchema): { types: readonly string[]; format: string } {
  const known = isKnownFormat(schema.format ?? "") || numberFormats.has(schema.format ?? "");
  const format = known ? schema.format! : "";
  if (schema["x-kubernetes-int-or-string"] === true) return { types: ["integer", "string"], format };
  return { types: schema.type === undefined || schema.type === "" ? [] : [schema.type], format };
}
