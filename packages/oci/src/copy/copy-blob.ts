import type { BlobOutcome } from "../content.ts";
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
    const isThere = (): Promise<boolean> =>
      askTarget(false, () => target.hasBlob(descriptor, { signal: options.signal }));
    const ensure = async (mountFrom: string | undefined): Promise<BlobOutcome> => {
      // Where links work, asking for one costs no more than asking whether the blob is there.
      const isLinked = mountFrom !== undefined && isNew && run.mounting.has(target.store);
      if (!isLinked && (await isThere())) return "present";
      const outcome = await transferBlob(job, descriptor, mountFrom);
      if (outcome === "mounted") run.mounting.add(target.store);
      return outcome;
    };
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

/** Moves a blob, again when it arrived damaged; sources and targets repeat by themselves what can pass. */
export async function transferBlob(
  job: CopyJob,
  descriptor: Descriptor,
  mountFrom: string | undefined,
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
    try {
      return await run.limit(() =>
        target.writeBlob(
          descriptor,
          (offset) => source.blob(descriptor, { offset, signal, isUnverified: true }),
          {
            mountFrom,
            sessions,
            onBytes,
            signal,
          },
        ),
      );
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
