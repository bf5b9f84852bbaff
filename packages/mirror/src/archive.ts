import type { PrefixRule } from "@package-operator/image";
import {
  type ContentSource,
  createLayoutArchive,
  isOciError,
  type LayoutArchive,
  type LayoutEntry,
  openLayoutArchive,
} from "@package-operator/oci";
import { type AppliedEntry, applyPlan, type ApplyPlanOptions } from "./apply.ts";
import type { Closure, ClosureRoots, OpenSource } from "./closure.ts";
import { MirrorError } from "./errors.ts";
import { formatMirrorLock, lockOf } from "./lock.ts";
import { type MirrorPlan, planArchive, planMirror } from "./plan.ts";
import { formatMirrorPlan, parseMirrorPlan } from "./plan-file.ts";
import { rewriteManifest } from "./rewrite.ts";

/** The files of an archive beside the image layout. */
const files = {
  plan: "mirror/plan.yaml",
  lock: "mirror/mirror.lock.yaml",
  original: "mirror/manifest.original.yaml",
  rewritten: "mirror/manifest.yaml",
} as const;

/** A bootstrap manifest that travels with the images. */
export interface ArchivedManifest {
  readonly text: string;
  /** Its name, for messages. */
  readonly file: string;
}

export interface WriteArchiveOptions extends Omit<ApplyPlanOptions, "openTarget" | "journal"> {
  /** Where the images will go; without rules that is decided when the archive is unpacked. */
  readonly rules?: readonly PrefixRule[];
  readonly manifest?: ArchivedManifest;
}

/**
 * Gathers a closure in one tar: an OCI image layout that holds every blob once and names images by their full original
 * references, with the plan, the lock and the manifest, so that the other side needs nothing else. Failures are results;
 * the file gets its name only when there is none, and the same call goes on where an interrupted one stopped.
 */
export async function writeArchive(
  file: string,
  closure: Closure,
  options: WriteArchiveOptions,
): Promise<readonly AppliedEntry[]> {
  const { rules = [], manifest, ...copy } = options;
  const gathered = planArchive(closure);
  const plan = rules.length === 0 ? gathered : await planMirror(closure, { rules });
  // Before anything is copied, so that a manifest that cannot be rewritten costs nothing.
  const rewritten = manifest === undefined ? undefined : rewriteManifest(manifest.text, rules, manifest.file);
  const archive = await createLayoutArchive(file);
  let isComplete = false;
  try {
    const applied = await applyPlan(gathered, {
      ...copy,
      openTarget: (registry, repository) => archive.repository(`${registry}/${repository}`),
    });
    if (applied.some(({ error }) => error !== undefined)) return applied;
    const add = (name: string, text: string): Promise<void> => archive.addFile(name, Buffer.from(text));
    await add(files.plan, formatMirrorPlan(plan));
    if (rules.length > 0) await add(files.lock, formatMirrorLock(lockOf(plan, applied)));
    if (manifest !== undefined) await add(files.original, manifest.text);
    if (rewritten !== undefined && rules.length > 0) await add(files.rewritten, rewritten.text);
    isComplete = true;
    await archive.finish();
    return applied;
  } finally {
    if (!isComplete) await archive.close();
  }
}

/** An archive of images, opened for reading. */
export interface MirrorArchive {
  readonly plan: MirrorPlan;
  /** The bootstrap manifest as it was before any rewriting. */
  readonly manifest: ArchivedManifest | undefined;
  /** The images, under the names they came from. */
  readonly open: OpenSource;
  close(): Promise<void>;
}

/** Opens an archive. @throws MirrorError `archive`, naming the file and what is wrong with it. */
export async function openArchive(file: string): Promise<MirrorArchive> {
  const layout = await openLayout(file);
  try {
    const plan = await readPlan(layout, file);
    const original = await layout.readFile(files.original);
    const text = original === undefined ? undefined : Buffer.from(original).toString("utf8");
    return {
      plan,
      manifest: text === undefined ? undefined : { text, file: `${file}: ${files.original}` },
      open: (registry, repository): ContentSource => layout.repository(`${registry}/${repository}`),
      close: () => layout.close(),
    };
  } catch (error) {
    await layout.close();
    throw error;
  }
}

/** What an archive holds, as the roots of a closure: to be planned for whatever target there is. */
export function archiveRoots({ plan }: Pick<MirrorArchive, "plan">): ClosureRoots {
  const requests = plan.entries.flatMap(({ references, digest, reasons }) =>
    references.flatMap((reference) =>
      reasons.map((reason) => ({ reference, digest, isPackage: false, reason })),
    ),
  );
  return { requests };
}

/** An archive as a registry can serve it: images under the names they came from, and under those they are bound for. */
export type ServableArchive = Pick<LayoutArchive, "entries" | "blobSize" | "repository" | "close">;

/** Opens an archive to be served as it is. @throws MirrorError `archive`. */
export async function openServableArchive(file: string): Promise<ServableArchive> {
  const layout = await openLayout(file);
  try {
    const { entries } = await readPlan(layout, file);
    const bound = entries.flatMap(({ target, digest, mediaType, tags }) => {
      const names = tags.length === 0 ? [`${target}@${digest}`] : tags.map((tag) => `${target}:${tag}`);
      return names.map((name): LayoutEntry => ({ name, descriptor: { digest, mediaType, size: 0 } }));
    });
    return {
      entries: async () => [...(await layout.entries()), ...bound],
      blobSize: (digest) => layout.blobSize(digest),
      repository: (name) => layout.repository(name),
      close: () => layout.close(),
    };
  } catch (error) {
    await layout.close();
    throw error;
  }
}

async function openLayout(file: string): Promise<LayoutArchive> {
  try {
    return await openLayoutArchive(file);
  } catch (cause) {
    if (!isOciError(cause) && !(cause instanceof Error && "syscall" in cause)) throw cause;
    const message = cause.message.includes(file) ? cause.message : `${file}: ${cause.message}`;
    throw new MirrorError("archive", message, { subject: file, cause });
  }
}

async function readPlan(layout: LayoutArchive, file: string): Promise<MirrorPlan> {
  const plan = await layout.readFile(files.plan);
  if (plan === undefined) {
    throw new MirrorError("archive", `${file} has no ${files.plan}: not a mirror archive`, { subject: file });
  }
  return parseMirrorPlan(Buffer.from(plan).toString("utf8"), `${file}: ${files.plan}`);
}
