import { partRulesOf, textParts } from "../channels/content-parts.js";
import type { Finding } from "../channels/finding.js";
import { isRefusal } from "../channels/refusal.js";
import { readSender } from "../channels/senders.js";
import type { Channel, Content } from "../schemas/generated.js";

/** A header line has at most 998 bytes (RFC 5322, 2.1.1), and a text without spaces cannot be folded. */
const mostLineBytes = 900;

/** Checks texts that become a header or a separate line, as written or as rendered. */
export const checkLines = (content: Content): Finding[] =>
  textParts.flatMap((part) => {
    const { lineProblem } = partRulesOf(part);
    if (!lineProblem) return [];
    const text = content[part] ?? "";
    const bytes = Buffer.byteLength(text);
    const problem = lineProblem(text) ?? (bytes > mostLineBytes ? `has ${bytes} bytes, and ${mostLineBytes} are allowed` : undefined);
    return problem
      ? [{ field: `content.${part}`, reason: "invalid_content", problem, fix: `give one line of at most ${mostLineBytes} bytes` }]
      : [];
  });

/** The sender, normalized by its channel's rules. */
export const checkSender = (
  channel: Channel,
  from: string | null,
): { readonly from: string | null; readonly errors: readonly Finding[] } => {
  if (from === null) return { from, errors: [] };
  const read = readSender(channel, from);
  if (isRefusal(read)) return { from, errors: [{ field: "from", reason: "invalid_request", ...read }] };
  return { from: read.from, errors: [] };
};
