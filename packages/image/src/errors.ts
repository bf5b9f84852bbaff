/** What kind of text could not be understood. */
export type ImageErrorCode = "invalid-reference" | "invalid-registry" | "invalid-rule";

/** A reference, registry or override rule that cannot be used; `input` is the text as it was given. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: ImageErrorCode;
  readonly input: string;

  constructor(code: ImageErrorCode, message: string, input: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.input = input;
  }
}

/** What an action returns, undefined when it throws an ImageError. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
