import type { BlobOutcome, OpenBlob } from "../content.ts";
import { isOciError, OciError } from "../errors.ts";
import type { Descriptor } from "../manifest.ts";
import { isForeignLayerType } from "../media-types.ts";
import { askTarget, inJob, type CopyJob } from "./copy-job.ts";

/** Whether a part of a manifest is stored beside it: layers that only their publisher may hand out are not. */
export function isStored(descriptor: Descriptor): boolean {
  return !isForeignLayerType(descriptor.mediaType) && (descriptor.urls ?? []).length === 0;
}

/**
 * Makes sure that the target has a blob. Within a run the content moves once per store: whoever comes later waits, and
 * links it from the repository that has it. `isNew` says that the target did not have the manifest that needs the blob.
 */
export async function copyBlob(
  job: CopyJob,
  descriptor: Descriptor,
  { isNew }: { readonly isNew: boolean },
): Promise<void> {
  const { target, run, options } = job;
  const part = `blob ${descriptor.digest} (${descriptor.size} bytes) of ${job.source.name}`;
  await inJob(job, part, async () => {
    const isSameStore = job.source.store === target.store;
    const known = isSameStore ? job.source.repository : options.mountFrom?.(descriptor.digest);
    const ask = isNew ? "by linking" : "first";
    const ensure = (place: string | undefined): Promise<BlobOutcome> =>
      place === undefined
        ? transferBlob(job, descriptor, { ask })
        : linkBlob(job, descriptor, { ask, place });

    const result = await run.once(target.store, descriptor.digest, target.repository, () => ensure(known));
    if (result.first) job.emit({ type: "blob", image: job.image, descriptor, outcome: result.value });
    else if (result.repository === target.repository) {
      job.emit({ type: "blob", image: job.image, descriptor, outcome: "shared" });
    } else {
      const outcome = await ensure(result.repository);
      job.emit({ type: "blob", image: job.image, descriptor, outcome });
    }
  });
}

/** Links a blob from a repository that has it. The first link of a run shows whether the store can; others wait for it. */
async function linkBlob(
  job: CopyJob,
  descriptor: Descriptor,
  options: TransferOptions,
): Promise<BlobOutcome> {
  const { linking } = job.run;
  const { store } = job.target;
  let answered = (): void => {};
  if (linking.has(store)) await linking.get(store);
  else linking.set(store, new Promise((resolve) => (answered = resolve)));
  try {
    return await transferBlob(job, descriptor, { ...options, onRead: answered });
  } finally {
    answered();
  }
}

interface TransferOptions {
  /**
   * Whether the target is asked for the blob before anything is sent. A store that links can be asked by one request for
   * both: to link the blob, from the repository itself where no other is known; it opens an upload if it cannot.
   * Default: it is not asked.
   */
  readonly ask?: "first" | "by linking" | undefined;
  /** Repository of the target's store that has the blob. */
  readonly place?: string | undefined;
  /** Called when content is read, which it is not where the blob is linked. */
  readonly onRead?: (() => void) | undefined;
}

/** Moves a blob, again when it arrived damaged; sources and targets repeat by themselves what can pass. */
export async function transferBlob(
  job: CopyJob,
  descriptor: Descriptor,
  options: TransferOptions = {},
): Promise<BlobOutcome> {
  const { run, image } = job;
  const { signal } = job.options;
  const retries = job.options.blobRetries ?? 2;
  for (let failures = 0; ; failures++) {
    let sent = 0;
    const onBytes = (count: number): void => {
      sent += count;
      job.emit({ type: "bytes", image, count });
    };
    try {
      const send = (): Promise<BlobOutcome> => sendMissing(job, descriptor, options, onBytes);
      return await run.limit(send, { short: options.place !== undefined });
    } catch (error) {
      signal?.throwIfAborted();
      if (sent !== 0) job.emit({ type: "bytes", image, count: -sent });
      if (failures >= retries || !canPass(error)) throw error;
      job.emit({ type: "retry", image, descriptor, reason: (error as OciError).message });
    }
  }
}

async function sendMissing(
  job: CopyJob,
  descriptor: Descriptor,
  { ask, place, onRead }: TransferOptions,
  onBytes: (count: number) => void,
): Promise<BlobOutcome> {
  const { source, target, run, options } = job;
  const { signal, sessions } = options;
  const isLinking = ask === "by linking" && run.linked.has(target.store);
  if (ask !== undefined && !isLinking) {
    const isThere = await askTarget(false, () => target.hasBlob(descriptor, { signal }));
    if (isThere) return "present";
  }
  const mountFrom = place ?? (isLinking ? target.repository : undefined);
  const open: OpenBlob = (offset) => {
    onRead?.();
    return source.blob(descriptor, { offset, signal, isUnverified: true });
  };
  const outcome = await target.writeBlob(descriptor, open, { mountFrom, sessions, onBytes, signal });
  if (outcome === "mounted") run.linked.add(target.store);
  return outcome === "mounted" && mountFrom === target.repository ? "present" : outcome;
}

function canPass(error: unknown): boolean {
  return isOciError(error) && (error.retryable || isOciError(error, "digest-mismatch", "size-mismatch"));
}
