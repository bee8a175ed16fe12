/** The text of bytes that came from outside, as UTF-8 without a byte order mark. */
export const textOf = (bytes: Buffer): string => bytes.toString().replace(/^\uFEFF/, "");
