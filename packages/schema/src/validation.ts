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
  /** The schema is taken as it is written: formats that no type has count, `x-kubernetes-int-or-string` is no type. */
  readonly verbatim?: boolean;
}

/** Field path of a name below the root. */
export function fieldPath({ root }: Validation, name: string): string {
  const trimmed = name.startsWith(".") ? name.slice(1) : name;
  if (trimmed === "") return root;
  return root === "" ? trimmed : `${root}.${trimmed}`;
}

/** Whether Go has a number as an int64. */
export function isInt64({ double }: Pick<Validation, "double">, value: number | bigint): boolean {
  return typeof value === "bigint" || (!double && Number.isInteger(value) && Math.abs(value) < 2 ** 63);
}

/** The text of a value that is a float64. */
export function floatText(validation: Pick<Validation, "double">, value: JsonValue): { valueText?: string } {
  return typeof value === "number" && !isInt64(validation, value) ? { valueText: goFloat(value) } : {};
}

/** Field error with a number or other value that breaks a rule, shown as Go shows its type. */
export function invalidValue(
  validation: Validation,
  name: string,
  value: JsonValue,
  rule: string,
): FieldError {
  const error = invalid(fieldPath(validation, name), value, `${name} in body ${rule}`);
  return { ...error, ...floatText(validation, value) };
}

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ["int32", "int64"],
  number: ["float", "double"],
};

/** Whether the values of a type may have a format. */
export function isNumberFormat(type: string, format: string): boolean {
  return numberFormats[type]?.includes(format) === true;
}

/** Types and format of a schema as far as they are enforced; the API server forgets formats that the type has not. */
export function declared(
  schema: JsonSchema,
  { verbatim }: Pick<Validation, "verbatim">,
): { types: readonly string[]; format: string } {
  const isEither = verbatim !== true && schema["x-kubernetes-int-or-string"] === true;
  const type = schema.type ?? "";
  const types = isEither ? ["integer", "string"] : type === "" ? [] : [type];
  const format = schema.format ?? "";
  if (verbatim === true) return { types, format };
  const isText = types.length !== 1 || type === "string";
  const isKnown = isText ? isKnownFormat(format) : isNumberFormat(type, format);
  return { types, format: isKnown ? format : "" };
}
