/** Why a template failed: its text, its run, or a bound that protects the host. */
export type TemplateErrorCode = "parse" | "exec" | "limit";

/** Where a template failed; every field is absent when the failure has no such place. */
export interface TemplateErrorPlace {
  /** Name under which the text around the failure was parsed. */
  readonly templateName?: string;
  /** Line, counted from 1. */
  readonly line?: number;
  /** Column in bytes, counted from 0 as Go does. */
  readonly column?: number;
  readonly cause?: unknown;
}

/** The one error of this package; `message` is the text that Go's text/template gives. */
export class TemplateError extends Error {
  override readonly name: string = "TemplateError";
  readonly code: TemplateErrorCode;
  readonly templateName: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(code: TemplateErrorCode, message: string, place: TemplateErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.templateName = place.templateName;
    this.line = place.line;
    this.column = place.column;
  }
}
