import { isUtf8 } from "node:buffer";

/** Stands in a text for bytes that are not UTF-8: half of a surrogate pair, which no text in UTF-8 has. */
export const notUtf8Mark = "\ud800";

/**
 * Bytes from outside as a text. Bytes that are not UTF-8 are never replaced by U+FFFD in silence: where there are any, the
 * text is not well-formed, so that checkTexts names the field that holds them.
 */
export const decodeText = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return isUtf8(bytes) ? text : text.replaceAll("\ufffd", notUtf8Mark);
};
