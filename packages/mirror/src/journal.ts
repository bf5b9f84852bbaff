import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { ContentTarget, UploadSessions } from "@package-operator/oci";

/** What runs have done so far, so that one that was killed is continued by the next: kept in a file. */
export interface MirrorJournal {
  /** Uploads that were begun, by the address at which the registry continues them. */
  readonly sessions: UploadSessions;
  /** A repository of a store that got a blob, or was getting it when the last run ended. */
  findBlob(store: string, digest: string): string | undefined;
  noteBlob(target: Pick<ContentTarget, "store" | "repository">, digest: string): void;
  /** Forgets everything: a run that went well leaves nothing to continue. */
  clear(): Promise<void>;
}

type Line =
  | { readonly upload: string; readonly digest: string; readonly location?: string }
  | { readonly blob: string; readonly store: string; readonly repository: string };

/**
 * Opens a journal: one JSON object per line, appended as things happen. A line that was cut off by a crash says nothing,
 * and one that is out of date costs a request: the registry has the last word on what it holds.
 */
export async function openJournal(file: string): Promise<MirrorJournal> {
  const uploads = new Map<string, string>();
  const places = new Map<string, string>();
  const guesses = new Map<string, string>();
  const uploadKey = (target: string, digest: string): string => `${target}@${digest}`;
  const placeKey = (store: string, digest: string): string => `${store}@${digest}`;
  const take = (line: Line): void => {
    if ("blob" in line) {
      places.set(placeKey(line.store, line.blob), line.repository);
      return;
    }
    // An upload may have ended right before the crash, so its repository may have the blob.
    const { store, repository } = splitTarget(line.upload);
    guesses.set(placeKey(store, line.digest), repository);
    if (line.location === undefined) uploads.delete(uploadKey(line.upload, line.digest));
    else uploads.set(uploadKey(line.upload, line.digest), line.location);
  };
  for (const line of await readLines(file)) take(line);
  const findBlob = (store: string, digest: string): string | undefined =>
    places.get(placeKey(store, digest)) ?? guesses.get(placeKey(store, digest));
  const append = (text: string): Promise<void> => appendFile(file, text, { mode: 0o600 });
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // A crash may have left half a line; and a place that cannot be written to is told at once.
  await append("\n");

  let writing = Promise.resolve();
  const write = (line: Line): Promise<void> => {
    take(line);
    // Addresses of uploads may carry a registry's signature, so they are nobody else's business.
    // What cannot be written any more, on a full disk, costs the next run time and this one nothing.
    writing = writing.then(() => append(`${JSON.stringify(line)}\n`)).catch(() => {});
    return writing;
  };

  return {
    sessions: {
      get(target, digest) {
        const { store, repository } = splitTarget(target);
        // Where another repository has been tried since, linking its blob comes before going on here.
        const isLatest = findBlob(store, digest) === repository;
        return Promise.resolve(isLatest ? uploads.get(uploadKey(target, digest)) : undefined);
      },
      async set(target, digest, location) {
        if (location === undefined && !uploads.has(uploadKey(target, digest))) return;
        await write({ upload: target, digest, ...(location === undefined ? {} : { location }) });
      },
    },
    findBlob: (store, digest) => places.get(placeKey(store, digest)) ?? guesses.get(placeKey(store, digest)),
    noteBlob({ store, repository }, digest) {
      if (!places.has(placeKey(store, digest))) void write({ blob: digest, store, repository });
    },
    async clear() {
      await writing;
      await rm(file, { force: true });
    },
  };
}

/** Uploads are known by `<store>/<repository>`. */
function splitTarget(target: string): { readonly store: string; readonly repository: string } {
  const slash = target.indexOf("/");
  return { store: target.slice(0, slash), repository: target.slice(slash + 1) };
}

async function readLines(file: string): Promise<Line[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function parseLine(text: string): Line | undefined {
  let value: Partial<Record<"upload" | "digest" | "location" | "blob" | "store" | "repository", unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return undefined;
  }
  const { upload, digest, location, blob, store, repository } = value ?? {};
  if (typeof blob === "string" && typeof store === "string" && typeof repository === "string") {
    return { blob, store, repository };
  }
  if (typeof upload !== "string" || typeof digest !== "string") return undefined;
  return { upload, digest, ...(typeof location === "string" ? { location } : {}) };
}
