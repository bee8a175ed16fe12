const headBytes = 4_096;

export interface Headed {
  /** The first bytes. */
  readonly head: Buffer;
  /** All bytes, with the first ones. Can be read once. */
  readonly chunks: AsyncIterable<Buffer>;
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Reads the first bytes of a stream, by which its format is known. Rejects if there are none because the stream fails. A later failure
 * comes after the bytes before it.
 */
export const withHead = async (source: AsyncIterable<Uint8Array>): Promise<Headed> => {
  const iterator = source[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for (let length = 0; length < headBytes; ) {
      const { value, done } = await iterator.next();
      if (done) break;
      held.push(bufferOf(value));
      length += value.length;
    }
  } catch (error) {
    if (held.length === 0) throw error;
    failure = { error };
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield* held;
    if (failure) throw failure.error;
    for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) yield bufferOf(chunk);
  }
  return { head: Buffer.concat(held), chunks: whole() };
};
