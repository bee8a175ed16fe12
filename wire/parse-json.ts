/** A text as JSON; undefined where it is none. What a parser says of a text holds parts of it, which logs must not. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Below this many digits every integer is its own number. */
const sureDigits = 15;

const isInexact = (token: string): boolean => token.length > sureDigits && /^-?\d+$/.test(token) && String(Number(token)) !== token;

/**
 * As `parseJson`, for identities that others write: an integer that a number cannot hold keeps its digits, as a text. Rounded, two
 * messages would share an id.
 */
export const parseForeignJson = (text: string): unknown => {
  const json = parseJson(text);
  if (json === undefined || !/\d{16}/.test(text)) return json;
  return parseJson(text.replace(textOrNumber, (token) => (isInexact(token) ? `"${token}"` : token)));
};
