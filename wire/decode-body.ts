import { decodeText } from "./decode-text.js";

/** The text of bytes that came from outside, without a byte order mark; not well-formed where they are not UTF-8. */
export const textOf = (bytes: Buffer): string => decodeText(bytes).replace(/^\uFEFF/, "");
