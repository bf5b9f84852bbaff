import { pullScope } from "../auth/scope.ts";
import type { BlobOptions } from "../content.ts";
import { OciError } from "../errors.ts";
import type { Descriptor } from "../manifest.ts";
import type { RegistrySession } from "./registry-session.ts";
import { pauseOrThrow } from "./retry.ts";
import type { TransportAnswer } from "./transport.ts";

/**
 * Streams a blob, and continues with a range request where a connection broke. The slot of the registry is held from the
 * first to the last byte, so that a continued download never waits for one. Does not verify the digest.
 */
export async function* downloadBlob(
  session: RegistrySession,
  repository: string,
  descriptor: Descriptor,
  options: BlobOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { signal } = options;
  const release = await session.limiters.read.acquire(signal);
  try {
    let position = options.offset ?? 0;
    let failures = 0;
    while (position < descriptor.size) {
      const before = position;
      try {
        for await (const chunk of openAt(session, repository, descriptor, position, signal)) {
          position += chunk.length;
          if (position > descriptor.size) throw tooLong(session, repository, descriptor);
          yield chunk;
        }
        if (position < descriptor.size) throw tooShort(session, repository, descriptor, position);
      } catch (error) {
        failures = position > before ? 1 : failures + 1;
        await pauseOrThrow(error, failures, session.policy, signal);
      }
    }
  } finally {
    release();
  }
}

async function* openAt(
  session: RegistrySession,
  repository: string,
  descriptor: Descriptor,
  position: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const answer = await session.send({
    method: "GET",
    target: `/v2/${repository}/blobs/${descriptor.digest}`,
    repository,
    scopes: [pullScope(repository)],
    headers: position === 0 ? {} : { range: `bytes=${position}-` },
    expect: [200, 206],
    kind: "read",
    repeat: false,
    reference: descriptor.digest,
    signal,
  });
  let skip = answer.status === 206 ? startOfRange(answer, position) : position;
  for await (const chunk of answer.body) {
    // A registry that does not know ranges sends everything again.
    const wanted = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - wanted.length;
    if (wanted.length > 0) yield wanted;
  }
}

/** Bytes to leave out of a partial answer, normally none. */
function startOfRange(answer: TransportAnswer, position: number): number {
  const header = answer.headers["content-range"];
  const start = /^bytes (\d+)-/.exec(typeof header === "string" ? header : "")?.[1];
  const skip = position - Number(start ?? Number.NaN);
  if (skip >= 0) return skip;
  throw new OciError(
    "invalid-content",
    `GET ${answer.url.host}: answered range "${String(header)}" to bytes=${position}-`,
  );
}

function tooShort(
  session: RegistrySession,
  repository: string,
  descriptor: Descriptor,
  got: number,
): OciError {
  const message = `${session.registry}/${repository}: blob ${descriptor.digest}: ${got} of ${descriptor.size} bytes`;
  return new OciError("size-mismatch", message, { retryable: true, reference: descriptor.digest });
}

function tooLong(session: RegistrySession, repository: string, descriptor: Descriptor): OciError {
  const message = `${session.registry}/${repository}: blob ${descriptor.digest} has more than ${descriptor.size} bytes`;
  return new OciError("size-mismatch", message, { reference: descriptor.digest });
}
