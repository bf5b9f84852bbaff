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

/**
 * What an error says to a person. The messages of our own errors (those with a code) stand for themselves; to others
 * the messages of their causes are added, unless they repeat them.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined || "code" in error) return error.message;
  const cause = errorText(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

/** Runs a step of a command; the message of an error gets words in front that say which step it was. */
export async function withPrefix<T>(prefix: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const code = cause instanceof CliError ? cause.code : "input";
    throw new CliError(code, `${prefix}: ${errorText(cause)}`, { cause });
  }
}
