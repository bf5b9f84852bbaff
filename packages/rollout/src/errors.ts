/**
 * Why the engine could not go on.
 * - `owner`: the owner may not own the object (another namespace);
 * - `revision`: the revision annotation of a live object is not a number;
 * - `contended`: the object changed under every attempt to write it.
 */
export type RolloutErrorCode = "owner" | "revision" | "contended";

/** Every failure of this package that is not an expected outcome; errors of the API server pass through as they are. */
export class RolloutError extends Error {
  override readonly name = "RolloutError";
  readonly code: RolloutErrorCode;

  constructor(code: RolloutErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
