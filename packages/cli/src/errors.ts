/**
 * Why a command ended without doing its work.
 * - `usage`: wrong command, flag or argument count;
 * - `input`: a file, reference or value the user named cannot be used;
 * - `problem`: the command did its work and found something wrong.
 */
export type CliErrorCode = "usage" | "input" | "problem";

/** An error whose message is meant for the person at the terminal and is printed as it stands. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
