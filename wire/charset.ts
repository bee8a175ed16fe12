import { TextDecoder } from "node:util";
import { textOf } from "./decode-body.js";

const decoderOf = (label: string): TextDecoder | undefined => {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
};

/** The encoding given by a byte order mark or the media type. Source: WHATWG Encoding Standard, 6. */
const labelOf = (bytes: Buffer, mediaType: string | undefined): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(mediaType ?? "")?.[1] ?? "utf-8";
};

/**
 * Decodes a body with the encoding from its byte order mark or media type, and removes the mark. The text is not well-formed if the bytes
 * are not UTF-8 although they should be, or if the encoding is unknown.
 */
export const textInCharset = (bytes: Buffer, mediaType: string | undefined): string => {
  const decoder = decoderOf(labelOf(bytes, mediaType));
  return decoder === undefined || decoder.encoding === "utf-8" ? textOf(bytes) : decoder.decode(bytes);
};
