import { decompress } from "./compression.ts";
import { readTar, type TarEntry } from "./tar/reader.ts";

/**
 * The entries of a layer, compressed or not. A tar and a gzip stream say themselves where they end, and whoever stops there
 * never comes to the end of the content, where its digest is checked; so this reads on to that end. Trust no entry before
 * the last one: errors of the content, as of `ContentSource.blob`, may come after all of them.
 */
export async function* readLayer(content: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, void> {
  let failure: { readonly error: unknown } | undefined;
  const whole = (async function* () {
    try {
      yield* content;
    } catch (error) {
      // The stream between may have read ahead, and keeps what comes after its own end to itself.
      failure = { error };
      throw error;
    }
  })();
  try {
    // Without `return`, so that nobody closes the content at the end of the tar.
    yield* readTar(decompress({ [Symbol.asyncIterator]: () => ({ next: () => whole.next() }) }));
    for await (const _padding of whole);
    if (failure !== undefined) throw failure.error;
  } finally {
    await whole.return();
  }
}
