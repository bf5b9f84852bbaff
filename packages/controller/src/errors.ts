/**
 * `Terminal`: a reconcile says that trying again is pointless; `LeaderElectionLost`: the lease went to somebody else
 * or could not be renewed; `ListenFailed`: an address cannot be listened on; `CacheSyncTimeout`: a cache did not fill
 * in time; `ShutdownTimeout`: work under way did not finish within the grace period; `InvalidOption`: an option makes no sense.
 */
export type ControllerErrorCode =
  | "Terminal"
  | "LeaderElectionLost"
  | "ListenFailed"
  | "CacheSyncTimeout"
  | "ShutdownTimeout"
  | "InvalidOption";

/** Every failure of this package. */
export class ControllerError extends Error {
  override readonly name = "ControllerError";
  readonly code: ControllerErrorCode;

  constructor(code: ControllerErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** For reconcilers: an error that is reported, but not retried until something changes. */
export function terminalError(cause: Error): ControllerError {
  return new ControllerError("Terminal", cause.message, { cause });
}

/** Whether a reconcile's error asks not to be retried. */
export function isTerminalError(error: unknown): boolean {
  return (
    error instanceof Error && error.name === "ControllerError" && "code" in error && error.code === "Terminal"
  );
}
