import { type Refusal, refuse } from "./refusal.js";

const token = "[\\w!#$&'*+.^`|~-]+";
const form = new RegExp(`^(${token})/(${token})((?: *; *${token}=(?:${token}|"(?:[\\x20!#-\\[\\]-~]|\\\\[\\x20-\\x7e])*"))*) *;?$`);
const mostCharacters = 255;
/** Types that contain other parts or refer to them: the mail itself consists of these. Source: RFC 2046, 5. */
const structural = /^(?:multipart\/|message\/(?:partial|external-body)$)/;

/** A media type with its parameters; type and subtype are lower case. Source: RFC 2045, 5.1. */
export const readMediaType = (text: string): { readonly mediaType: string; readonly essence: string } | Refusal => {
  const trimmed = text.trim();
  const found = trimmed.length <= mostCharacters ? form.exec(trimmed) : null;
  if (!found) return refuse("is not a media type", "give one such as application/pdf or text/calendar; method=REQUEST");
  const essence = `${found[1]}/${found[2]}`.toLowerCase();
  if (structural.test(essence)) return refuse(`is ${essence}, which a file cannot have`, "give the media type of the file itself");
  return { mediaType: `${essence}${(found[3] ?? "").trimEnd()}`, essence };
};
