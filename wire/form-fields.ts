import { textOf } from "./decode-body.js";

const byteOrderMark = "\xef\xbb\xbf";

/** One name or value. Percent-decoding produces bytes, which are decoded afterwards. */
const decoded = (part: string): string =>
  textOf(
    Buffer.from(
      part.replaceAll("+", " ").replaceAll(/%([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      "latin1",
    ),
  );

/**
 * The fields of a form, or of a query without its question mark. The last of several fields with the same name wins. Like URLSearchParams,
 * but invalid UTF-8 produces a text that is not well-formed, so that checkTexts reports its field.
 * Source: URL Standard, 5.1.
 */
export const formFieldsOf = (bytes: Buffer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    bytes
      .toString("latin1")
      .replace(new RegExp(`^${byteOrderMark}`), "")
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => {
        const at = pair.indexOf("=");
        return at < 0 ? [decoded(pair), ""] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
      }),
  );
