import type { Digest } from "../digest.ts";
import type { Descriptor } from "../manifest.ts";

/** The files of an OCI image layout, wherever they are: blobs by digest, and the list of entries. */
export interface LayoutStore {
  /** Path, for messages. */
  readonly name: string;
  /** The entries of `index.json`. */
  entries(): Promise<readonly Descriptor[]>;
  /** Size of a blob, undefined when there is none. */
  size(digest: Digest): Promise<number | undefined>;
  /** Streams a blob that is there, from a byte on. */
  read(digest: Digest, offset: number): AsyncIterable<Uint8Array>;
  /** Undefined for a layout that is only read. */
  readonly writer?: LayoutWriter;
}

/** The writing half of a layout. */
export interface LayoutWriter {
  /** Stores content that is verified while it is written; fails without leaving a blob. */
  write(descriptor: Descriptor, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Replaces the entries by what a function makes of them; one call at a time. */
  change(edit: (entries: readonly Descriptor[]) => readonly Descriptor[]): Promise<void>;
}

/** The path of a blob within a layout. */
export function blobPath(digest: Digest): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** The file that marks a folder or tar as a layout. */
export const layoutMarker: { readonly path: string; readonly content: string } = {
  path: "oci-layout",
  content: '{"imageLayoutVersion":"1.0.0"}',
};
