import { createDigester, verifyDigester } from "../digest.ts";
import type { OpenBlob } from "../content.ts";
import { OciError } from "../errors.ts";
import type { Descriptor } from "../manifest.ts";

/**
 * Content for an upload that may have to go back: hashes each byte once, however often it is sent, and holds the last
 * chunk back until size and digest are right, so that a registry never gets all of a wrong blob. Content that another
 * process sent before is not seen; then the registry's own check of the digest has to do.
 */
export function createVerifiedSource(
  descriptor: Descriptor,
  open: OpenBlob,
  what: string,
): (offset: number) => AsyncGenerator<Uint8Array, void, void> {
  const digester = createDigester(descriptor.digest);
  let isChecked = false;
  return async function* (offset) {
    let position = offset;
    let held: Uint8Array | undefined;
    for await (const chunk of open(offset)) {
      const seen = digester.size - position;
      if (seen >= 0 && seen < chunk.length) digester.update(chunk.subarray(seen));
      position += chunk.length;
      if (position > descriptor.size) throw tooLong(descriptor, what);
      if (held !== undefined) yield held;
      held = chunk;
    }
    if (position < descriptor.size) {
      const message = `${what}: expected ${descriptor.size} bytes, got ${position}`;
      throw new OciError("size-mismatch", message, { retryable: true, reference: descriptor.digest });
    }
    if (!isChecked && digester.size === descriptor.size) verifyDigester(digester, descriptor, what);
    isChecked = true;
    if (held !== undefined) yield held;
  };
}

function tooLong(descriptor: Descriptor, what: string): OciError {
  const message = `${what}: expected ${descriptor.size} bytes, got more`;
  return new OciError("size-mismatch", message, { retryable: true, reference: descriptor.digest });
}
