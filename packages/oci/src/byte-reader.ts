/** Takes bytes off an asynchronous stream in portions of any size. */
export interface ByteReader {
  /** Bytes taken so far. */
  readonly position: number;
  /** The next `size` bytes, fewer only at the end. */
  upTo(size: number): Promise<Uint8Array>;
  /** The next `size` bytes as a stream; an early end throws what `onEnd` makes. */
  stream(size: number, onEnd: () => Error): AsyncIterable<Uint8Array>;
  /** Everything that is left. */
  rest(): AsyncIterable<Uint8Array>;
  skip(size: number, onEnd: () => Error): Promise<void>;
  /** Tells the stream that nothing more is wanted. */
  close(): Promise<void>;
}

/** Starts to read; nothing is fetched before the first call. */
export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;

  /** The next bytes, at most `size`, without waiting for more than one chunk. */
  const next = async (size: number): Promise<Uint8Array | undefined> => {
    while (rest.length === 0) {
      const result = await iterator.next();
      if (result.done === true) return undefined;
      rest = result.value;
    }
    const chunk = rest.subarray(0, size);
    rest = rest.subarray(chunk.length);
    position += chunk.length;
    return chunk;
  };

  async function* stream(size: number, onEnd: () => Error): AsyncGenerator<Uint8Array, void, void> {
    for (let left = size; left > 0;) {
      const chunk = await next(left);
      if (chunk === undefined) throw onEnd();
      left -= chunk.length;
      yield chunk;
    }
  }

  return {
    get position() {
      return position;
    },
    async upTo(size) {
      const chunks: Uint8Array[] = [];
      for (let left = size; left > 0;) {
        const chunk = await next(left);
        if (chunk === undefined) break;
        left -= chunk.length;
        chunks.push(chunk);
      }
      return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    },
    stream,
    async *rest() {
      for (let chunk = await next(Infinity); chunk !== undefined; chunk = await next(Infinity)) yield chunk;
    },
    async skip(size, onEnd) {
      for await (const _chunk of stream(size, onEnd));
    },
    async close() {
      await iterator.return?.();
    },
  };
}
