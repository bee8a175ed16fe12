import { isReason, reasons } from "../schemas/reasons.js";
import type { LineageEntry, MessageDocument } from "../stores/lineage-store/lineage-store.js";

/** What tells why a message stands as it does, whether its steps were read or not. */
export type Explained = Pick<
  MessageDocument,
  "status" | "final" | "reason" | "attempts" | "provider" | "finalAt" | "updatedAt" | "expiresAt" | "notBefore"
> & { readonly lineage: readonly LineageEntry[] };

const instant = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

const meaningOf = (reason: string | null): string => (reason === null ? "" : isReason(reason) ? `${reasons[reason]} (${reason})` : reason);

const longestDetail = 200;

/** The provider's own words of the latest step that has some. */
const wordsOf = (lineage: readonly LineageEntry[]): string => {
  const { detail, description } = lineage.findLast(({ details }) => details.detail ?? details.description)?.details ?? {};
  const words = (detail ?? description ?? "").trim();
  return words === "" ? "" : `: "${words.length > longestDetail ? `${words.slice(0, longestDetail)}…` : words}"`;
};

const byWhom = ({ attempts, provider }: Explained): string => {
  if (attempts === 0) return "before any attempt";
  return `after ${attempts} attempt${attempts === 1 ? "" : "s"}${provider ? `, the last by ${provider}` : ""}`;
};

/** What an open message waits for. */
const waitOf = (message: Explained): string => {
  const { status, attempts, provider, lineage, notBefore, updatedAt } = message;
  const last = lineage.findLast(({ stage }) => stage === "dispatch" || stage === "retry" || stage === "route");
  if (last?.outcome === "scheduled")
    return `attempt ${attempts} failed: ${meaningOf(last.reason)}${wordsOf(lineage)}; it will be tried again`;
  if (last?.outcome === "waits") return `no provider takes it now: ${last.details.detail ?? meaningOf(last.reason)}`;
  if (last?.outcome === "held") return "it was sent or not, nobody knows: it waits for a receipt";
  if (status === "dispatched") return `${provider ?? "the provider"} took it at ${instant(updatedAt)} and has not told what became of it`;
  if (notBefore && notBefore > updatedAt) return `it is not to be sent before ${instant(notBefore)}`;
  return status === "queued" ? "it waits in its lane for a consumer" : "it is on its way to its lane";
};

/** How a message stands and why, in a sentence. */
export const whyOf = (message: Explained): string => {
  const { status, final, reason, finalAt, lineage } = message;
  if (!final) return `${status}: ${waitOf(message)}`;
  const when = finalAt ? ` at ${instant(finalAt)}` : "";
  if (status === "delivered") return `delivered${when}, ${byWhom(message)}`;
  return `${status}${when}, ${byWhom(message)}: ${meaningOf(reason)}${wordsOf(lineage)}`;
};
