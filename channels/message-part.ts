const mostLineBytes = 998;
const [carriageReturn, lineFeed] = [0x0d, 0x0a];

/**
 * Why a file of a type `message/…` cannot be sent; undefined if it can, and for all other types. Such a part is never encoded (RFC 2046,
 * 5.2.1), so the mail contains its bytes unchanged: bytes that mail servers may alter would break the mail and its signature.
 */
export const messagePartProblem = (mediaType: string, content: Uint8Array): string | undefined => {
  if (!mediaType.startsWith("message/")) return undefined;
  let length = 0;
  for (const [at, byte] of content.entries()) {
    if (byte === 0) return "holds a NUL, which no mail can carry";
    if (byte > 0x7f) return "holds bytes beyond ASCII, which a part of its type cannot";
    if (byte === carriageReturn && content[at + 1] !== lineFeed) return "holds a carriage return without a line feed";
    length = byte === lineFeed ? 0 : length + 1;
    if (length > mostLineBytes && byte !== carriageReturn) return `has a line of more than ${mostLineBytes} bytes`;
  }
  return undefined;
};
