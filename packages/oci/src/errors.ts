/** What went wrong, in a word a caller can branch on. */
export type OciErrorCode =
  /** The registry, layout or archive does not have the manifest, blob, tag, upload or repository. */
  | "not-found"
  /** The registry wants (other) credentials. */
  | "unauthorized"
  /** The credentials are good and not allowed to do this; some registries say so for a missing repository, too. */
  | "denied"
  /** The registry asked to slow down, and still did after all retries. */
  | "rate-limited"
  /** The registry answered with a server error, and still did after all retries. */
  | "unavailable"
  /** No answer, or the connection broke, and still did after all retries. */
  | "network"
  /** The certificate of the registry could not be verified. */
  | "tls"
  /** The registry refused the request as wrong; `registryErrors` says why. */
  | "rejected"
  /** The bytes do not have the digest they are stored under. */
  | "digest-mismatch"
  /** There are fewer or more bytes than announced. */
  | "size-mismatch"
  /** A manifest, layout, tar or token cannot be understood. */
  | "invalid-content"
  /** A format or an operation that exists and is not supported here. */
  | "unsupported"
  /** A tar entry that would leave its folder. */
  | "unsafe-path"
  /** More bytes than the caller allowed. */
  | "too-large"
  /** A credential file or helper could not be read. */
  | "credentials"
  /** The target takes no writes. */
  | "read-only"
  /** An option or argument is wrong. */
  | "invalid-argument";

/** One entry of a registry's error answer (OCI distribution specification, "Error Codes"). */
export interface RegistryErrorEntry {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

/** What a caller can act on beside the code and the text. */
export interface OciErrorFields {
  /** HTTP status, when the error is an answer. */
  readonly status?: number | undefined;
  /** Whether the same call may succeed later without anything being changed. Default: false. */
  readonly retryable?: boolean | undefined;
  /** The image, manifest or blob that it is about. */
  readonly reference?: string | undefined;
  /** The request, without user information and query. */
  readonly url?: string | undefined;
  /** What the registry wrote into its error answer. */
  readonly registryErrors?: readonly RegistryErrorEntry[] | undefined;
  /** How long the registry asked to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The only error this package throws on purpose; abort reasons of signals pass through unchanged. */
export class OciError extends Error {
  override readonly name = "OciError";
  readonly code: OciErrorCode;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly reference: string | undefined;
  readonly url: string | undefined;
  readonly registryErrors: readonly RegistryErrorEntry[];
  readonly retryAfterMs: number | undefined;

  constructor(code: OciErrorCode, message: string, fields: OciErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.status = fields.status;
    this.retryable = fields.retryable ?? false;
    this.reference = fields.reference;
    this.url = fields.url;
    this.registryErrors = fields.registryErrors ?? [];
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** Puts the name of what was being done before the message of an {@link OciError}; other errors pass unchanged. */
export function withContext(error: unknown, context: string, reference?: string): unknown {
  if (!(error instanceof OciError)) return error;
  return new OciError(error.code, `${context}: ${error.message}`, {
    status: error.status,
    retryable: error.retryable,
    reference: reference ?? error.reference,
    url: error.url,
    registryErrors: error.registryErrors,
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}

/** Whether an error is an {@link OciError} of one of the given codes; works across copies of this package. */
export function isOciError(error: unknown, ...codes: readonly OciErrorCode[]): error is OciError {
  if (!(error instanceof Error) || error.name !== "OciError") return false;
  return codes.length === 0 || codes.includes((error as OciError).code);
}
