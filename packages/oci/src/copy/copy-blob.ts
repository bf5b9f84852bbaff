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
    const ensure = (mountFrom: string | undefined): Promise<BlobOutcome> =>
      mountFrom === undefined
        ? sendMissing(job, descriptor, undefined)
        : linkBlob(job, descriptor, { mountFrom, isNew });
    const isSameStore = job.source.store === target.store;
    const known = isSameStore ? job.source.repository : options.mountFrom?.(descriptor.digest);

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

/**
 * Links a blob from a repository that has it. Where links work, asking for one costs no more than asking whether the blob
 * is there; where they do not, it would send again what is there. So the first link of a run asks before, and the others
 * wait for its answer.
 */
async function linkBlob(
  job: CopyJob,
  descriptor: Descriptor,
  { mountFrom, isNew }: { readonly mountFrom: string; readonly isNew: boolean },
): Promise<BlobOutcome> {
  const { linking } = job.run;
  const { store } = job.target;
  if (isNew && (await linking.get(store)) === true) return transferBlob(job, descriptor, { mountFrom });
  let answered = (_isLinked: boolean): void => {};
  if (!linking.has(store)) linking.set(store, new Promise((resolve) => (answered = resolve)));
  try {
    const outcome = await sendMissing(job, descriptor, mountFrom, () => answered(false));
    if (outcome === "mounted") linking.set(store, Promise.resolve(true));
    answered(outcome === "mounted");
    return outcome;
  } finally {
    answered(false);
  }
}

async function sendMissing(
  job: CopyJob,
  descriptor: Descriptor,
  mountFrom: string | undefined,
  onRead?: () => void,
): Promise<BlobOutcome> {
  const { signal } = job.options;
  const isThere = await askTarget(false, () => job.target.hasBlob(descriptor, { signal }));
  return isThere ? "present" : transferBlob(job, descriptor, { mountFrom, onRead });
}

interface TransferOptions {
  /** Repository of the target's store that has the blob. */
  readonly mountFrom?: string | undefined;
  /** Called when content is read, which it is not where the blob is linked. */
  readonly onRead?: (() => void) | undefined;
}

/** Moves a blob, again when it arrived damaged; sources and targets repeat by themselves what can pass. */
export async function transferBlob(
  job: CopyJob,
  descriptor: Descriptor,
  { mountFrom, onRead }: TransferOptions = {},
): Promise<BlobOutcome> {
  const { source, target, run, options, image } = job;
  const { signal, sessions } = options;
  const retries = options.blobRetries ?? 2;
  for (let failures = 0; ; failures++) {
    let sent = 0;
    const onBytes = (count: number): void => {
      sent += count;
      job.emit({ type: "bytes", image, count });
    };
    const open: OpenBlob = (offset) => {
      onRead?.();
      return source.blob(descriptor, { offset, signal, isUnverified: true });
    };
    try {
      const write = (): Promise<BlobOutcome> =>
        target.writeBlob(descriptor, open, { mountFrom, sessions, onBytes, signal });
      return await run.limit(write, { short: mountFrom !== undefined });
    } catch (error) {
      signal?.throwIfAborted();
      if (sent !== 0) job.emit({ type: "bytes", image, count: -sent });
      if (failures >= retries || !canPass(error)) throw error;
      job.emit({ type: "retry", image, descriptor, reason: (error as OciError).message });
    }
  }
}

function canPass(error: unknown): boolean {
  return isOciError(error) && (error.retryable || isOciError(error, "digest-mismatch", "size-mismatch"));
}
