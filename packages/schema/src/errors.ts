/** What went wrong, for callers that act on it. */
export type SchemaErrorCode =
  | "invalid-selector"
  | "invalid-quantity"
  | "invalid-version"
  | "invalid-constraint"
  | "invalid-schema"
  | "invalid-regex"
  | "invalid-json-path"
  | "json-path-not-found"
  | "cel-compile"
  | "cel-program"
  | "cel-evaluation"
  | "cel-return-type"
  | "cel-condition-name"
  | "cel-condition-duplicate"
  | "cel-condition-evaluation"
  | "cel-context"
  | "invalid-probe";

/** The one error class of this package; `message` is the text the Go libraries give. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  readonly code: SchemaErrorCode;

  constructor(code: SchemaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
