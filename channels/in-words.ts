/** Words as alternatives: "email, sms or push". */
export const inWords = (words: readonly string[]): string => {
  const last = words.at(-1) ?? "";
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} or ${last}` : last;
};
