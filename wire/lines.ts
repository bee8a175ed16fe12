const lineFeed = 0x0a;

/** The lines of a file as bytes, without their line feeds: the caller decodes them. Undefined: a line of more than `mostBytes`. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Buffer | undefined> {
  let rest: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length <= mostBytes) rest.push(part);
    else rest = [];
  };
  const lineOf = (): Buffer | undefined => {
    const line = length <= mostBytes ? Buffer.concat(rest) : undefined;
    [rest, length] = [[], 0];
    return line;
  };
  for await (const chunk of chunks) {
    let begin = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, begin)) {
      take(chunk.subarray(begin, end));
      yield lineOf();
      begin = end + 1;
    }
    take(chunk.subarray(begin));
  }
  if (length > 0) yield lineOf();
}
