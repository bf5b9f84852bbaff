import type { ContentSource, ContentTarget } from "../content.ts";
import type { Digest } from "../digest.ts";
import type { Descriptor } from "../manifest.ts";
import { openArchiveStore } from "./archive-store.ts";
import { openDirectoryStore } from "./directory-store.ts";
import { entryName, layoutContent } from "./layout-content.ts";

/** One image that a layout lists. */
export interface LayoutEntry {
  /** The name as it was given, in archives the full reference; undefined for referrers. */
  readonly name: string | undefined;
  readonly descriptor: Descriptor;
}

/** An OCI image layout in a folder. */
export interface Layout {
  entries(): Promise<readonly LayoutEntry[]>;
  /** Size of a blob or manifest; undefined when there is none. */
  blobSize(digest: Digest): Promise<number | undefined>;
  /** Its images by full names, or those of one repository by tags. */
  repository(name?: string): ContentTarget;
}

/** An OCI image layout in a tar, read in place. */
export interface LayoutArchive {
  entries(): Promise<readonly LayoutEntry[]>;
  /** Size of a blob or manifest; undefined when there is none. */
  blobSize(digest: Digest): Promise<number | undefined>;
  repository(name?: string): ContentSource;
  /** Reads a file that is not part of the layout, e.g. a plan; undefined when there is none. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a layout in a folder. Blobs and the index are written so that a crash leaves the layout as it was before or
 * after.
 */
export async function openLayout(dir: string, options: { readonly create?: boolean } = {}): Promise<Layout> {
  const store = await openDirectoryStore(dir, options.create ?? false);
  return {
    entries: async () => listEntries(await store.entries()),
    blobSize: (digest) => store.size(digest),
    repository: (name) => layoutContent(store, name),
  };
}

/** Opens a layout in an uncompressed tar: one pass over the headers, then blobs are read where they are. */
export async function openLayoutArchive(file: string): Promise<LayoutArchive> {
  const store = await openArchiveStore(file);
  return {
    entries: async () => listEntries(await store.entries()),
    blobSize: (digest) => store.size(digest),
    repository: (name) => layoutContent(store, name),
    readFile: (path) => store.readFile(path),
    close: () => store.close(),
  };
}

function listEntries(entries: readonly Descriptor[]): readonly LayoutEntry[] {
  return entries.map((descriptor) => ({ name: entryName(descriptor), descriptor }));
}
