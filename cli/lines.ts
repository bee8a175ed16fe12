import { createReadStream } from "node:fs";

/** No line that could be a message is longer. */
const mostLineBytes = 16 * 1024 * 1024;
const lineFeed = 0x0a;

/** The lines of a file as bytes, without their line feeds: what they are encoded in is for the reader to judge. */
export async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let begin = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, begin)) {
      yield Buffer.concat([...rest, chunk.subarray(begin, end)]);
      [rest, length, begin] = [[], 0, end + 1];
    }
    rest.push(chunk.subarray(begin));
    length += chunk.length - begin;
    if (length > mostLineBytes) throw new Error(`${file} has a line of more than ${mostLineBytes} bytes`);
  }
  if (length > 0) yield Buffer.concat(rest);
}
