import type { JsonObject } from "./json.ts";

/**
 * What went wrong: `Refused` the API server refused a request, `status` says why; `DataCorrupt` the stored data
 * cannot be read; `InvalidOptions` the sandbox was set up with options that make no sense; `Closed` it is closed.
 */
export type SandboxErrorCode = "Refused" | "DataCorrupt" | "InvalidOptions" | "Closed";

/** Every failure of this package. */
export class SandboxError extends Error {
  override readonly name: string = "SandboxError";
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A refusal by the API server, with the whole `v1/Status` it answers. */
export class StatusError extends SandboxError {
  override readonly name: string = "StatusError";
  /** `kind: Status` as sent to the client. */
  readonly status: JsonObject;
  /** HTTP status code. */
  readonly httpStatus: number;
  /** The machine-readable reason, such as `NotFound`; empty when there is none. */
  readonly reason: string;

  constructor(httpStatus: number, reason: string, message: string, details?: JsonObject) {
    super("Refused", message);
    this.httpStatus = httpStatus;
    this.reason = reason;
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason === "" ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code: httpStatus,
    };
  }
}
