import type { Exchange, Provider } from "../../processors/provider.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import { type Mask, maskedHead } from "../../schemas/secret-mask.js";

/** Of which calls what was said is kept in lineage. */
export type KeepExchanges = "failures" | "all" | "none";

const mostChars = 2_000;
const shortest = 4;

/** How a text can stand in a request: as it is, in JSON, in a form or an address. */
const spellingsOf = (text: string): string[] => [
  ...new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), encodeURIComponent(text).replaceAll("%20", "+")]),
];

const maskedRecipient = (to: string): string => {
  const at = to.indexOf("@");
  if (at > 0) return `${to.slice(0, 1)}***${to.slice(at)}`;
  return to.length > 8 ? `${to.slice(0, 4)}***${to.slice(-2)}` : "***";
};

/** What names itself a secret, in a form, an address or JSON: secrets that are not the configuration's. */
const secretField =
  /((?<![\w.-])["']?[\w.-]{0,40}(?:key|token|secret|password|passwd|pwd|auth|signature)["']?\s{0,4}[=:]\s{0,4})(["']?)([^"'&\s,}]+)\2/gi;
const secretHeader = /^([\w-]{0,40}(?:authorization|key|token|secret|cookie)[\w-]{0,40}):.*$/gim;

/** What is looked at of a long text: by far more than is kept. */
const mostRead = 65_536;

/** Without recipient, content and secrets, and no longer than a lineage step should be. */
export const maskExchange = (text: string, { to, content }: Pick<DispatchCommand, "to" | "content">, mask: Mask): string => {
  const parts = [content.text, content.html, content.subject, content.title, ...Object.values(content.data)].filter(
    (part): part is string => typeof part === "string" && part.length >= shortest,
  );
  // secrets first: what is left of one by another rule could not be found any more
  let masked = maskedHead(text, mostRead, mask);
  for (const part of parts.sort((one, other) => other.length - one.length))
    for (const spelling of spellingsOf(part)) masked = masked.replaceAll(spelling, `…(${part.length} characters)…`);
  for (const spelling of [...spellingsOf(to), ...(to.startsWith("+") ? [to.slice(1)] : [])])
    masked = masked.replaceAll(spelling, maskedRecipient(to));
  masked = masked.replace(secretHeader, "$1: ***").replace(secretField, "$1$2***$2");
  return masked.length > mostChars ? `${masked.slice(0, mostChars)}…` : masked;
};

const textOf = ({ said, answered }: Exchange): string => `${said.trim()}\n→ ${answered.trim()}`;

/** Keeps what was said to the provider and what it answered with the outcome, masked. */
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
