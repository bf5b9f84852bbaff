/**
 * Why a program or a controller could not go on.
 * - `usage`: a flag is unknown or has a bad value;
 * - `help`: the user asked for the usage text;
 * - `config`: an option or environment variable has a value that makes no sense;
 * - `pull`: a package image could not be pulled;
 * - `environment`: the cluster could not be examined;
 * - `bootstrap`: a step of the self-bootstrap failed;
 * - `owner`: an object is where one of ours should be.
 */
export type ManagerErrorCode = "usage" | "help" | "config" | "pull" | "environment" | "bootstrap" | "owner";

/** Every failure of this package; messages are written for logs and conditions. */
export class ManagerError extends Error {
  override readonly name = "ManagerError";
  readonly code: ManagerErrorCode;

  constructor(code: ManagerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Says where a failure happened, in front of what it says itself; keeps it as the cause. */
export function at(code: ManagerErrorCode, place: string, error: unknown): ManagerError {
  return new ManagerError(code, `${place}: ${messageOf(error)}`, { cause: error });
}
