import { goQuote } from "./go-quote.ts";
import { jsonText } from "./json-text.ts";
import type { JsonValue } from "./json-value.ts";

/** Kind of a field error; the text is also the `reason` of a Kubernetes Status cause. */
export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "InternalError";

/** One finding about one field, as `k8s.io/apimachinery/pkg/util/validation/field` has it. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Path of the field, such as `spec.ports[0].name`; empty for a root without a name, shown as `<nil>`. */
  readonly path: string;
  /** The refused value; absent where none is shown. */
  readonly badValue?: JsonValue;
  /** Text of the value, where Go's type of it gives another one than its JSON (`1e+08`). */
  readonly valueText?: string;
  readonly detail: string;
}

/** One entry of `details.causes` in a Kubernetes Status. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

const titles: Record<FieldErrorType, string> = {
  FieldValueNotFound: "Not found",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  FieldValueTypeInvalid: "Invalid value",
  InternalError: "Internal error",
};

/** Kinds whose text never shows the value: it is absent, secret or too large. */
const withoutValue: ReadonlySet<FieldErrorType> = new Set([
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "InternalError",
]);

/** Field error for a value that must be there and is not. */
export function required(path: string, detail = ""): FieldError {
  return { type: "FieldValueRequired", path, detail };
}

/** Field error for a value that breaks a rule. */
export function invalid(path: string, badValue: JsonValue, detail: string): FieldError {
  return { type: "FieldValueInvalid", path, badValue, detail };
}

/** Field error for a field that may not be set here. */
export function forbidden(path: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", path, detail };
}

/** Field error for a value that occurs twice. */
export function duplicate(path: string, badValue: JsonValue): FieldError {
  return { type: "FieldValueDuplicate", path, badValue, detail: "" };
}

/** Field error for a value outside of an enumeration; `supported` keeps its order. */
export function notSupported(path: string, badValue: JsonValue, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? "" : `supported values: ${supported.map(goQuote).join(", ")}`;
  return { type: "FieldValueNotSupported", path, badValue, detail };
}

/** Field error for text longer than `max` bytes. */
export function tooLong(path: string, max: number): FieldError {
  const detail = max === 1 ? "may not be more than 1 byte" : `may not be more than ${max} bytes`;
  return { type: "FieldValueTooLong", path, detail };
}

/** Field error for a list or map of `actual` entries where `max` are allowed. */
export function tooMany(path: string, actual: number, max: number): FieldError {
  const detail = `must have at most ${max} ${max === 1 ? "item" : "items"}`;
  return { type: "FieldValueTooMany", path, badValue: actual, detail };
}

/** The text without the path: also `message` of a Status cause. */
function fieldErrorBody(error: FieldError): string {
  let text = titles[error.type];
  const value = error.valueText ?? (error.badValue === undefined ? undefined : valueText(error.badValue));
  if (value !== undefined && !withoutValue.has(error.type)) text += `: ${value}`;
  return error.detail === "" ? text : `${text}: ${error.detail}`;
}

/** The full Kubernetes text, such as `spec.a: Required value`. */
export function formatFieldError(error: FieldError): string {
  return `${shownPath(error)}: ${fieldErrorBody(error)}`;
}

/** The text of several errors as one: duplicates dropped, brackets around more than one, empty for none. */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(formatFieldError))];
  return texts.length > 1 ? `[${texts.join(", ")}]` : (texts[0] ?? "");
}

/** The errors as `details.causes` of a Kubernetes Status. */
export function statusCauses(errors: readonly FieldError[]): StatusCause[] {
  return errors.map((error) => ({
    reason: error.type,
    message: fieldErrorBody(error),
    field: shownPath(error),
  }));
}

function shownPath({ path }: FieldError): string {
  return path === "" ? "<nil>" : path;
}

function valueText(value: JsonValue): string {
  return typeof value === "string" ? goQuote(value) : jsonText(value);
}
