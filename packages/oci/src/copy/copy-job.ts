import type { ContentSource, ContentTarget } from "../content.ts";
import { isOciError, withContext } from "../errors.ts";
import type { CopyEvent, CopyOptions } from "./copy-options.ts";
import type { CopyRun } from "./copy-run.ts";

/** One image on its way, with everything that its parts need. */
export interface CopyJob {
  readonly source: ContentSource;
  readonly target: ContentTarget;
  readonly options: CopyOptions;
  readonly run: CopyRun;
  /** The image as messages and events name it. */
  readonly image: string;
  /** Counts an event and passes it on. */
  readonly emit: (event: CopyEvent) => void;
}

/** Does a part of a job; an error says which image, which part, from where and to where. */
export async function inJob<T>(job: CopyJob, part: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    job.options.signal?.throwIfAborted();
    throw withContext(error, `copying ${job.image} to ${job.target.name}: ${part}`, job.image);
  }
}

/**
 * What the target has. Registries that create repositories with the first push deny access to one that does not exist,
 * so before writing a refusal means "not there"; the write will show whether it was one.
 */
export async function askTarget<T>(absent: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isOciError(error, "not-found", "unauthorized", "denied")) return absent;
    throw error;
  }
}
