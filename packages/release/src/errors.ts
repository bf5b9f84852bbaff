/**
 * - `elf`: a file is no ELF executable or library that can be read;
 * - `library`: a shared library that a program needs is not on this machine;
 * - `input`: a file of the release (bundle, manifest, CRD) is missing or not what it should be.
 */
export type ReleaseErrorCode = "elf" | "library" | "input";

/** The error of this package. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
  readonly code: ReleaseErrorCode;

  constructor(code: ReleaseErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
