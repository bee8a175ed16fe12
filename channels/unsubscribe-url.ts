import { type Refusal, refuse } from "./refusal.js";

/**
 * With the header's name and angle brackets, the line stays below the 998 bytes of RFC 5322, 2.1.1, because an address cannot be folded.
 */
const mostCharacters = 900;
const form = `give an https address of at most ${mostCharacters} characters`;

/** A URL for List-Unsubscribe: normalized, and without characters that end it in the header. Source: RFC 2369, 2; RFC 8058. */
export const readUnsubscribeUrl = (text: string): { readonly url: string } | Refusal => {
  const trimmed = text.trim();
  if (/[\p{C}\p{Z}]/u.test(trimmed)) return refuse("has a space or a control character", form);
  if (/[<>,]/.test(trimmed)) return refuse("has a comma or an angle bracket", "percent-encode it: %2C, %3C, %3E");
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return refuse("is not an address", form);
  }
  if (url.protocol !== "https:") return refuse("is not an https address", form);
  if (url.username !== "" || url.password !== "") return refuse("holds a user name or password", "leave it out");
  return url.href.length <= mostCharacters ? { url: url.href } : refuse(`has ${url.href.length} characters`, form);
};
