import type { Finding } from "../channels/finding.js";
import { headerProblem, lineProblem } from "../channels/one-line.js";
import { isRefusal } from "../channels/refusal.js";
import { readSender } from "../channels/senders.js";
import type { Channel } from "../schemas/generated.js";

/** A header line holds at most 998 bytes (RFC 5322, 2.1.1), and a text without spaces cannot be folded. */
const mostSubjectBytes = 900;

/** Texts that become a header or a line of their own, as written or as a template made them. */
export const checkLines = (content: { readonly subject?: string | undefined; readonly title?: string | undefined }): Finding[] =>
  (["subject", "title"] as const).flatMap((part) => {
    const text = content[part] ?? "";
    const bytes = Buffer.byteLength(text);
    const lineOf = part === "subject" ? headerProblem : lineProblem;
    const problem = lineOf(text) ?? (bytes > mostSubjectBytes ? `has ${bytes} bytes, and ${mostSubjectBytes} are allowed` : undefined);
    return problem
      ? [{ field: `content.${part}`, reason: "invalid_content", problem, fix: `give one line of at most ${mostSubjectBytes} bytes` }]
      : [];
  });

/** The sender in its normal form, by the rules of its channel. */
export const checkSender = (
  channel: Channel,
  from: string | undefined,
): { readonly sender: { readonly from?: string }; readonly errors: readonly Finding[] } => {
  if (from === undefined) return { sender: {}, errors: [] };
  const read = readSender(channel, from);
  if (isRefusal(read)) return { sender: {}, errors: [{ field: "from", reason: "invalid_request", ...read }] };
  return { sender: { from: read.from }, errors: [] };
};
