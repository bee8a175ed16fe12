/** A text as JSON; undefined where it is none. What a parser says of a text holds parts of it, which logs must not. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
