import { type BrotliOptions, brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from "node:zlib";

type Decoder = (body: Buffer, options: ZlibOptions & BrotliOptions) => Buffer;

/** Some servers send deflate without the zlib header. Source: RFC 9110, 8.4.1.2. */
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

/** Real servers use no more encodings than this. */
const mostEncodings = 3;

/**
 * Removes the encodings in Content-Encoding, which lists them in the order of their application. Returns the body unchanged if one is
 * unknown or does not apply, or if the result exceeds `mostBytes`.
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
