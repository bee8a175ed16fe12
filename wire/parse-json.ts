/** Parses JSON; undefined for invalid JSON. The parser's error message quotes the text, which must not be logged. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Integers with fewer digits are always exact. */
const sureDigits = 15;

const isInexact = (token: string): boolean => token.length > sureDigits && /^-?\d+$/.test(token) && String(Number(token)) !== token;

/**
 * Like `parseJson`, for foreign identifiers: an integer too large for a number keeps its digits, as a text. If it were rounded, two
 * messages could share an id.
 */
export const parseForeignJson = (text: string): unknown => {
  const json = parseJson(text);
  if (json === undefined || !/\d{16}/.test(text)) return json;
  return parseJson(text.replace(textOrNumber, (token) => (isInexact(token) ? `"${token}"` : token)));
};
