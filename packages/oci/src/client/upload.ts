import { pullScope, pushScope } from "../auth/scope.ts";
import { createByteReader } from "../byte-reader.ts";
import type { BlobOutcome, OpenBlob, WriteBlobOptions } from "../content.ts";
import { OciError, isOciError } from "../errors.ts";
import type { Descriptor } from "../manifest.ts";
import type { RegistrySession, SessionRequest } from "./registry-session.ts";
import { pauseOrThrow } from "./retry.ts";
import type { TransportAnswer } from "./transport.ts";
import { createVerifiedSource } from "./verified-source.ts";

/** A blob on its way to a repository. */
export interface Upload {
  readonly session: RegistrySession;
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly open: OpenBlob;
  readonly chunkSize: number | undefined;
  readonly options: WriteBlobOptions;
}

/** An open upload session at the registry. */
interface Progress {
  readonly location: URL;
  readonly offset: number;
}

/**
 * Uploads a blob: mounts it where that is asked for and possible, continues a session that an earlier process left, and
 * sends the rest, after an interruption from where the registry says it has come to. The slot of the registry is held
 * throughout.
 */
export function uploadBlob(upload: Upload): Promise<BlobOutcome> {
  return upload.session.limiters.write.run(() => transfer(upload), upload.options.signal);
}

async function transfer(upload: Upload): Promise<BlobOutcome> {
  const { session, descriptor, options } = upload;
  const sourceFailure: { error?: unknown } = {};
  const open = noteFailure(upload.open, sourceFailure);
  const source = createVerifiedSource(descriptor, open, `blob ${descriptor.digest}`);
  let progress = await resumeSession(upload);
  let confirmed = 0;
  const report = (offset: number): void => {
    if (offset !== confirmed) options.onBytes?.(offset - confirmed);
    confirmed = offset;
  };
  for (let failures = 0; ;) {
    const before: number = progress?.offset ?? 0;
    try {
      if (progress === undefined) {
        const started = await startUpload(upload);
        if (started === "mounted") return "mounted";
        progress = started;
      }
      report(progress.offset);
      await sendRest(upload, progress, source, report);
      await rememberSession(upload, undefined);
      return "written";
    } catch (error) {
      // The source has made its own tries.
      if (sourceFailure.error !== undefined) throw sourceFailure.error;
      const isLost = isLostSession(error) && failures < session.policy.retries;
      if (!isLost) await pauseOrGiveUp(upload, error, failures + 1);
      progress = isLost || progress === undefined ? undefined : await askOffset(upload, progress.location);
      failures = (progress?.offset ?? 0) > before ? 1 : failures + 1;
    }
  }
}

/** Content whose failure can be told from the failure of the upload that reads it. */
function noteFailure(open: OpenBlob, failure: { error?: unknown }): OpenBlob {
  return async function* (offset) {
    try {
      yield* open(offset);
    } catch (error) {
      failure.error = error;
      throw error;
    }
  };
}

/** Waits before another try. Content that was wrong has been sent in part: its session is forgotten, and the caller told. */
async function pauseOrGiveUp(upload: Upload, error: unknown, attempt: number): Promise<void> {
  const isWrong = isOciError(error, "digest-mismatch", "size-mismatch", "rejected");
  if (isWrong) {
    await rememberSession(upload, undefined);
    throw error;
  }
  await pauseOrThrow(error, attempt, upload.session.policy, upload.options.signal);
}

const restartCodes = new Set(["BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "DIGEST_INVALID"]);

/**
 * The registry knows nothing of the session any more, is not where we think it is, or has got other bytes than were
 * sent: a new session from the start can be right.
 */
function isLostSession(error: unknown): boolean {
  if (!(error instanceof OciError)) return false;
  return error.status === 416 || error.registryErrors.some((entry) => restartCodes.has(entry.code));
}

async function startUpload(upload: Upload): Promise<Progress | "mounted"> {
  const answer = await openSession(upload);
  if (answer.status === 201) return "mounted";
  const location = nextLocation(answer);
  await rememberSession(upload, location);
  return { location, offset: 0 };
}

/** Asks for a mount if there is something to mount, else for a session; a registry may answer the one with the other. */
async function openSession(upload: Upload): Promise<TransportAnswer> {
  const { descriptor, options, repository } = upload;
  const { mountFrom } = options;
  const target = `/v2/${repository}/blobs/uploads/`;
  const headers = { "content-length": "0" };
  if (mountFrom !== undefined) {
    const query = new URLSearchParams({ mount: descriptor.digest, from: mountFrom });
    const scopes = [pushScope(repository), pullScope(mountFrom)];
    try {
      const request = { method: "POST", target: `${target}?${query.toString()}`, scopes, headers } as const;
      return await exchange(upload, { ...request, expect: [201, 202] });
    } catch (error) {
      // Not being allowed to read the other repository is no reason not to write this one.
      if (!isOciError(error, "unauthorized", "denied", "not-found", "rejected", "unsupported")) throw error;
    }
  }
  return exchange(upload, { method: "POST", target, headers, expect: [202] });
}

/** Sends everything from the offset on, in pieces when asked to, and closes the session with the digest. */
async function sendRest(
  upload: Upload,
  progress: Progress,
  source: (offset: number) => AsyncGenerator<Uint8Array, void, void>,
  report: (offset: number) => void,
): Promise<void> {
  const { size, digest } = upload.descriptor;
  const chunkSize = upload.chunkSize ?? size;
  const content = source(progress.offset);
  const reader = createByteReader(content);
  let { location, offset } = progress;
  try {
    // A whole blob fits into the closing request; continued and divided ones need PATCH, which every registry knows.
    while (offset > 0 ? offset < size : size > chunkSize) {
      const length = Math.min(chunkSize, size - offset);
      const answer = await exchange(upload, {
        method: "PATCH",
        target: location,
        headers: {
          "content-type": "application/octet-stream",
          "content-length": `${length}`,
          "content-range": `${offset}-${offset + length - 1}`,
        },
        body: () => reader.stream(length, endedEarly),
        expect: [202],
      });
      location = nextLocation(answer);
      await rememberSession(upload, location);
      offset += length;
      report(offset);
    }
    const closing = new URL(location);
    closing.searchParams.set("digest", digest);
    await exchange(upload, {
      method: "PUT",
      target: closing,
      headers: { "content-type": "application/octet-stream", "content-length": `${size - offset}` },
      ...(offset === size ? {} : { body: () => reader.stream(size - offset, endedEarly) }),
      expect: [201],
    });
    report(size);
  } finally {
    // Not awaited: a source that hangs must not hold an upload that has failed.
    reader.close().catch(() => {});
  }
}

function endedEarly(): OciError {
  return new OciError("size-mismatch", "the content ended early", { retryable: true });
}

/** Where the registry is in a session; undefined when the session is lost. */
async function askOffset(upload: Upload, location: URL): Promise<Progress | undefined> {
  try {
    const answer = await exchange(upload, { method: "GET", target: location, expect: [204] });
    const next = answer.headers["location"] === undefined ? location : nextLocation(answer);
    const last = /^(?:bytes=)?0-(\d+)$/.exec(String(answer.headers["range"] ?? ""))?.[1];
    // "0-0" is also how an empty session looks; one byte sent twice would be refused, so it is taken as empty.
    const offset = last === undefined || last === "0" ? 0 : Number(last) + 1;
    return offset > upload.descriptor.size ? undefined : { location: next, offset };
  } catch (error) {
    upload.options.signal?.throwIfAborted();
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

async function resumeSession(upload: Upload): Promise<Progress | undefined> {
  const { sessions } = upload.options;
  const known = await sessions?.get(targetName(upload), upload.descriptor.digest);
  return known === undefined || !URL.canParse(known) ? undefined : askOffset(upload, new URL(known));
}

async function rememberSession(upload: Upload, location: URL | undefined): Promise<void> {
  const { sessions } = upload.options;
  await sessions?.set(targetName(upload), upload.descriptor.digest, location?.href);
}

function targetName(upload: Upload): string {
  return `${upload.session.registry}/${upload.repository}`;
}

type UploadRequest = Pick<SessionRequest, "method" | "target" | "headers" | "body" | "expect"> &
  Partial<Pick<SessionRequest, "scopes">>;

/** Requests of an upload are never repeated by themselves: what they sent may have arrived. */
function exchange(upload: Upload, request: UploadRequest): Promise<TransportAnswer> {
  const { repository, descriptor, options } = upload;
  return upload.session.exchange({
    scopes: [pushScope(repository)],
    ...request,
    repository,
    kind: "write",
    repeat: false,
    reference: descriptor.digest,
    signal: options.signal,
  });
}

function nextLocation(answer: TransportAnswer): URL {
  const { location } = answer.headers;
  if (typeof location === "string" && URL.canParse(location, answer.url.href))
    return new URL(location, answer.url);
  throw new OciError("invalid-content", `${answer.url.host}: no upload location in the answer`, {
    url: answer.url.origin,
  });
}
