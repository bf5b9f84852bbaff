import type { ContentSource, ContentTarget } from "../content.ts";
import type { Blob } from "../layer.ts";

/** Everything of a stream. */
export async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes as a stream of small chunks. */
export async function* chunked(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

/** Writes blobs one after the other. */
export async function writeBlobs(target: ContentTarget, blobs: readonly Blob[]): Promise<void> {
  for (const { descriptor, bytes } of blobs) {
    await target.writeBlob(descriptor, (offset) => chunked(bytes.subarray(offset)));
  }
}

/** A blob's bytes as the source has them. */
export function readAll(source: ContentSource, blob: Blob): Promise<Buffer> {
  return collect(source.blob(blob.descriptor));
}
