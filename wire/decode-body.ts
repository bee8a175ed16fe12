import { decodeText } from "./decode-text.js";

/** Decodes external bytes as text without a byte order mark. The text is not well-formed if they are not UTF-8. */
export const textOf = (bytes: Buffer): string => decodeText(bytes).replace(/^\uFEFF/, "");
