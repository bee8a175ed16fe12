import { type BrotliOptions, brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from "node:zlib";

type Decoder = (body: Buffer, options: ZlibOptions & BrotliOptions) => Buffer;

/** Some write deflate without its zlib header. Source: RFC 9110, 8.4.1.2. */
const inflateEither: Decoder = (body, options) => {
  try {
    return inflateSync(body, options);
  } catch {
    return inflateRawSync(body, options);
  }
};

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateEither,
  br: brotliDecompressSync,
  identity: (body) => body,
};

/** More of them are nobody's habit. */
const mostEncodings = 3;

/**
 * A body without the encodings that Content-Encoding lists, in the order in which they were applied; as it came where they are unknown or
 * it does not have them, or where it is longer than `mostBytes`.
 */
export const withoutEncoding = (body: Buffer, encoding: string | undefined, mostBytes: number): Buffer => {
  const names = (encoding ?? "").split(",").flatMap((name) => name.trim().toLowerCase() || []);
  if (names.length > mostEncodings || names.some((name) => !Object.hasOwn(decoders, name))) return body;
  try {
    return names.reduceRight((bytes, name) => decoders[name]?.(bytes, { maxOutputLength: mostBytes }) ?? bytes, body);
  } catch {
    return body;
  }
};
