import {
  type ContentSource,
  copyImage,
  type CopyEvent,
  type CopyResult,
  createCopyRun,
  isOciError,
} from "@package-operator/oci";
import pLimit from "p-limit";
import { MirrorError } from "./errors.ts";
import type { MirrorJournal } from "./journal.ts";
import { subsetSource } from "./platform-subset.ts";
import type { MirrorPlan, OpenTarget, PlanEntry } from "./plan.ts";

/** What came of one entry of a plan. */
export interface AppliedEntry {
  readonly entry: PlanEntry;
  readonly result?: CopyResult;
  /** Why it failed; the other entries go on. */
  readonly error?: Error;
}

export interface ApplyPlanOptions {
  readonly openSource: (registry: string, repository: string) => ContentSource;
  readonly openTarget: OpenTarget;
  /** Blobs that move at the same time. Default: 8. */
  readonly concurrency?: number;
  /** Also copy referrers and cosign tags. Default: false. */
  readonly referrers?: boolean;
  /** What an interrupted run left behind; kept up to date for the next one. */
  readonly journal?: MirrorJournal;
  readonly onEvent?: (entry: PlanEntry, event: CopyEvent) => void;
  /** Called when an entry is through, whatever came of it. */
  readonly onEntry?: (applied: AppliedEntry) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Images whose manifests are looked at together; their blobs share one bound of their own. */
const IMAGES_AT_ONCE = 8;

/**
 * Copies what a plan says, by digest. Every entry is checked down to its blobs, also those that were present when the plan
 * was made, and repaired where the target lost something. Failures are results: what can be copied is.
 */
export async function applyPlan(
  plan: MirrorPlan,
  options: ApplyPlanOptions,
): Promise<readonly AppliedEntry[]> {
  const { concurrency } = options;
  const run = createCopyRun(concurrency === undefined ? {} : { concurrency });
  const limit = pLimit(IMAGES_AT_ONCE);
  const applyEntry = async (entry: PlanEntry): Promise<AppliedEntry> => {
    options.signal?.throwIfAborted();
    const applied = await copyEntry(entry);
    options.onEntry?.(applied);
    return applied;
  };
  const copyEntry = async (entry: PlanEntry): Promise<AppliedEntry> => {
    const { openSource, openTarget, referrers, journal, onEvent, signal } = options;
    const target = openTarget(...splitRepository(entry.target));
    try {
      const source = openSource(...splitRepository(entry.source));
      const { subset, digest } = entry;
      const content = subset === undefined ? source : subsetSource(source, digest, subset);
      const result = await copyImage(content, target, {
        reference: entry.digest,
        tags: entry.tags,
        run,
        referrers,
        sessions: journal?.sessions,
        mountFrom(blob) {
          const place = journal?.findBlob(target.store, blob);
          return place === target.repository ? undefined : place;
        },
        onEvent(event) {
          if (event.type === "blob") journal?.noteBlob(target, event.descriptor.digest);
          onEvent?.(entry, event);
        },
        signal,
      });
      return { entry, result };
    } catch (cause) {
      if (signal?.aborted === true || !isOciError(cause)) throw cause;
      const message = `${entry.references[0] ?? entry.source}: ${cause.message}`;
      return { entry, error: new MirrorError("copy", message, { subject: entry.source, cause }) };
    }
  };
  return Promise.all(plan.entries.map((entry) => limit(() => applyEntry(entry))));
}

/** The two parts of `<registry>/<repository>` as plans carry it: always complete, so the first slash separates. */
function splitRepository(text: string): [registry: string, repository: string] {
  const slash = text.indexOf("/");
  return [text.slice(0, slash), text.slice(slash + 1)];
}
