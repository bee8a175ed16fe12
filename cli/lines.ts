/** No line with a valid message is longer. */
const mostLineBytes = 16 * 1024 * 1024;
const lineFeed = 0x0a;

/** The lines of a file as bytes, without their line feeds: the caller decodes them. Undefined: a line that is too long. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer): void => {
    length += part.length;
    if (length <= mostLineBytes) rest.push(part);
    else rest = [];
  };
  const lineOf = (): Buffer | undefined => {
    const line = length <= mostLineBytes ? Buffer.concat(rest) : undefined;
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
