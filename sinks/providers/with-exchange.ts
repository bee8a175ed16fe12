import type { Exchange, Provider } from "../../processors/provider.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import { type Mask, maskedHead } from "../../schemas/secret-mask.js";

/** The calls whose request and answer are kept in lineage. */
export type KeepExchanges = "failures" | "all" | "none";

const mostChars = 2_000;
const shortest = 4;

/** The encodings in which a request may contain a text: plain, JSON, and form or URL. */
const spellingsOf = (text: string): string[] => [
  ...new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), encodeURIComponent(text).replaceAll("%20", "+")]),
];

const maskedRecipient = (to: string): string => {
  const at = to.indexOf("@");
  if (at > 0) return `${to.slice(0, 1)}***${to.slice(at)}`;
  return to.length > 8 ? `${to.slice(0, 4)}***${to.slice(-2)}` : "***";
};

/** Fields named like a secret, in a form, a URL or JSON, for secrets that are not in the configuration. */
const secretField =
  /((?<![\w.-])["']?[\w.-]{0,40}(?:key|token|secret|password|passwd|pwd|auth|signature)["']?\s{0,4}[=:]\s{0,4})(["']?)([^"'&\s,}]+)\2/gi;
const secretHeader = /^([\w-]{0,40}(?:authorization|key|token|secret|cookie)[\w-]{0,40}):.*$/gim;

/** Maximum length of a long text that is scanned: far more than is kept. */
const mostRead = 65_536;

/** Removes recipient, content and secrets, and shortens the text to fit a lineage step. */
export const maskExchange = (text: string, { to, content }: Pick<DispatchCommand, "to" | "content">, mask: Mask): string => {
  const parts = [content.text, content.html, content.subject, content.title, ...Object.values(content.data)].filter(
    (part): part is string => typeof part === "string" && part.length >= shortest,
  );
  // secrets first: another rule could leave an unrecognizable part of one
  let masked = maskedHead(text, mostRead, mask);
  for (const part of parts.sort((one, other) => other.length - one.length))
    for (const spelling of spellingsOf(part)) masked = masked.replaceAll(spelling, `…(${part.length} characters)…`);
  for (const spelling of [...spellingsOf(to), ...(to.startsWith("+") ? [to.slice(1)] : [])])
    masked = masked.replaceAll(spelling, maskedRecipient(to));
  masked = masked.replace(secretHeader, "$1: ***").replace(secretField, "$1$2***$2");
  return masked.length > mostChars ? `${masked.slice(0, mostChars)}…` : masked;
};

const textOf = ({ request, response }: Exchange): string => `${request.trim()}\n→ ${response.trim()}`;

/** Adds the masked request and answer to the outcome. */
export const withExchange = (provider: Provider, keep: KeepExchanges, mask: Mask): Provider =>
  keep === "none"
    ? provider
    : {
        ...provider,
        send: async (command, context) => {
          const notes: Exchange[] = [];
          const outcome = await provider.send(command, { ...context, note: (exchange) => notes.push(exchange) });
          const went = outcome.kind === "accepted" || outcome.kind === "delivered";
          if (notes.length === 0 || (keep === "failures" && went)) return outcome;
          return { ...outcome, exchange: maskExchange(notes.map(textOf).join("\n"), command, mask) };
        },
      };
