import { isUtf8 } from "node:buffer";

/** Marks bytes that are not UTF-8: half of a surrogate pair, which no UTF-8 text contains. */
export const notUtf8Mark = "\ud800";

/**
 * Decodes external bytes. Invalid UTF-8 is never silently replaced by U+FFFD: the text is then not well-formed, so that checkTexts reports
 * its field.
 */
export const decodeText = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return isUtf8(bytes) ? text : text.replaceAll("\ufffd", notUtf8Mark);
};
