import { createHash } from "node:crypto";
import { OciError } from "./errors.ts";

/** `algorithm:hex`, e.g. `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = string;

const hexLength: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** Whether a text is a digest that this package can verify (sha256 or sha512). */
export function isDigest(text: string): boolean {
  const colon = text.indexOf(":");
  const length = hexLength[text.slice(0, colon)];
  return (
    length !== undefined && text.length === colon + 1 + length && /^[0-9a-f]+$/.test(text.slice(colon + 1))
  );
}

/** Splits a digest; throws `invalid-argument` for anything that {@link isDigest} refuses. */
export function splitDigest(digest: Digest): { readonly algorithm: string; readonly hex: string } {
  if (!isDigest(digest))
    throw new OciError("invalid-argument", `"${digest}" is not a sha256 or sha512 digest`);
  const colon = digest.indexOf(":");
  return { algorithm: digest.slice(0, colon), hex: digest.slice(colon + 1) };
}

/** The sha256 digest of bytes or of a text in UTF-8. */
export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** Computes a digest and counts bytes while content passes by. */
export interface Digester {
  update(chunk: Uint8Array): void;
  /** Bytes seen so far. */
  readonly size: number;
  /** The digest; call once, at the end. */
  digest(): Digest;
}

/** Starts a digest; the algorithm is taken from the digest that is expected. Default: sha256. */
export function createDigester(expected: Digest = "sha256:"): Digester {
  const algorithm = expected.slice(0, expected.indexOf(":"));
  if (hexLength[algorithm] === undefined) {
    throw new OciError("unsupported", `digest algorithm "${algorithm}" is not supported`);
  }
  const hash = createHash(algorithm);
  let size = 0;
  return {
    update(chunk) {
      hash.update(chunk);
      size += chunk.length;
    },
    get size() {
      return size;
    },
    digest: () => `${algorithm}:${hash.digest("hex")}`,
  };
}

/** What content has to be. */
export interface ExpectedContent {
  readonly digest: Digest;
  readonly size: number;
}

/** Throws `size-mismatch` or `digest-mismatch` unless bytes are exactly what was expected. `what` names them in the message. */
export function verifyBytes(bytes: Uint8Array, expected: ExpectedContent, what: string): void {
  const digester = createDigester(expected.digest);
  digester.update(bytes);
  verifyDigester(digester, expected, what);
}

/**
 * Passes content through and checks it: a stream that is longer fails at the first byte too many, a shorter or a
 * different one at its end, so nothing may be published before the stream has ended.
 */
export async function* verifyStream(
  content: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
  what: string,
): AsyncGenerator<Uint8Array, void, void> {
  const digester = createDigester(expected.digest);
  for await (const chunk of content) {
    digester.update(chunk);
    if (digester.size > expected.size) break;
    yield chunk;
  }
  verifyDigester(digester, expected, what);
}

/** Ends a digester and throws unless it saw exactly what was expected. */
export function verifyDigester(digester: Digester, expected: ExpectedContent, what: string): void {
  // Damage in transit passes by itself; damage at rest shows again on the next try.
  if (digester.size !== expected.size) {
    const found = digester.size > expected.size ? "more" : `${digester.size}`;
    const message = `${what}: expected ${expected.size} bytes, got ${found}`;
    throw new OciError("size-mismatch", message, { retryable: true, reference: expected.digest });
  }
  const digest = digester.digest();
  if (digest !== expected.digest) {
    const message = `${what}: content has digest ${digest}`;
    throw new OciError("digest-mismatch", message, { retryable: true, reference: expected.digest });
  }
}
