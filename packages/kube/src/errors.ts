/** One cause in a Status, for validation failures one per field. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The `v1/Status` with which the API server answers what it refuses. */
export interface Status {
  kind?: string;
  apiVersion?: string;
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
}

/**
 * What went wrong, by where it happened:
 * `ApiStatus` the server refused; `Unreachable` no answer came; `InvalidResponse` the answer makes no sense;
 * `UnknownKind` the server does not serve the kind; `InvalidRequest` the request cannot be built;
 * `InvalidConfig` kubeconfig or credentials are unusable; `NotWatched` a cache was asked for a kind nobody
 * registered; `Closed` the client, informer or cache was closed; `Timeout` a deadline passed.
 */
export type KubeErrorCode =
  | "ApiStatus"
  | "Unreachable"
  | "InvalidResponse"
  | "UnknownKind"
  | "InvalidRequest"
  | "InvalidConfig"
  | "NotWatched"
  | "Closed"
  | "Timeout";

/** Every failure of this package. For `ApiStatus` the whole Status is kept. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly code: KubeErrorCode;
  /** HTTP status code, when there was an answer. */
  readonly httpStatus: number | undefined;
  readonly status: Status | undefined;

  constructor(
    code: KubeErrorCode,
    message: string,
    options: { cause?: unknown; httpStatus?: number; status?: Status } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.httpStatus = options.httpStatus ?? options.status?.code;
    this.status = options.status;
  }

  /** The Status reason (`NotFound`, `Conflict`, …), empty when the server gave none. */
  get reason(): string {
    return this.status?.reason ?? "";
  }
}

/** True for errors of this package, also when a second copy of it is loaded. */
export function isKubeError(error: unknown): error is KubeError {
  return error instanceof Error && error.name === "KubeError" && "code" in error;
}

function hasReason(error: unknown, reason: string, httpStatus?: number): boolean {
  if (!isKubeError(error)) return false;
  return (
    error.reason === reason ||
    (error.reason === "" && httpStatus !== undefined && error.httpStatus === httpStatus)
  );
}

/** The object, or the path, does not exist. */
export function isNotFound(error: unknown): boolean {
  return hasReason(error, "NotFound", 404);
}

/** A create met an existing object. */
export function isAlreadyExists(error: unknown): boolean {
  return hasReason(error, "AlreadyExists");
}

/** Somebody else changed the object, or owns the field that an apply wants. */
export function isConflict(error: unknown): boolean {
  return hasReason(error, "Conflict");
}

/** The object fails validation; `status.details.causes` says where. */
export function isInvalid(error: unknown): boolean {
  return hasReason(error, "Invalid", 422);
}

/** The identity of this client may not do that. */
export function isForbidden(error: unknown): boolean {
  return hasReason(error, "Forbidden", 403);
}

/** The server does not know who this client is. */
export function isUnauthorized(error: unknown): boolean {
  return hasReason(error, "Unauthorized", 401);
}

/** The resource version is too old to watch or page on from: list again. */
export function isExpired(error: unknown): boolean {
  return hasReason(error, "Expired", 410) || hasReason(error, "Gone");
}

/** The kind is not served: unknown to discovery. */
export function isUnknownKind(error: unknown): boolean {
  return isKubeError(error) && error.code === "UnknownKind";
}
