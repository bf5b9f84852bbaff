/**
 * What went wrong while mirroring.
 * - `source`: the source cannot be read or is none of the kinds that are understood;
 * - `plan`: the rules and the images do not fit together; nothing was copied;
 * - `copy`: an image could not be copied;
 * - `manifest`: a manifest to rewrite has nothing to rewrite or contradicts the rules;
 * - `lock`, `plan-file`, `archive`: a file of that sort cannot be used.
 */
export type MirrorErrorCode = "source" | "plan" | "copy" | "manifest" | "lock" | "plan-file" | "archive";

/** The error of this package. */
export class MirrorError extends Error {
  override readonly name = "MirrorError";
  readonly code: MirrorErrorCode;
  /** The image reference, file or place that the error is about. */
  readonly subject: string | undefined;

  constructor(code: MirrorErrorCode, message: string, options: { subject?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.subject = options.subject;
  }
}
