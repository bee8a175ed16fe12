import { counted } from "../schemas/counted.js";
import { isReason, reasons } from "../schemas/reasons.js";
import { isFinal } from "../schemas/status.js";
import type { LineageEntry, MessageDocument } from "../stores/lineage-store/lineage-store.js";

/** The fields that explain a message's status; `lineage` is empty where its steps were not read. */
export type Explained = Pick<
  MessageDocument,
  "status" | "final" | "reason" | "attempts" | "provider" | "finalAt" | "updatedAt" | "expiresAt" | "notBefore"
> & { readonly lineage: readonly LineageEntry[] };

const instant = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

const meaningOf = (reason: string | null): string => (reason === null ? "" : isReason(reason) ? `${reasons[reason]} (${reason})` : reason);

const longestDetail = 200;

/** Only steps of these stages quote a provider. Other steps have details as well, such as a webhook's answer. */
const quotesProvider = ({ stage, outcome }: LineageEntry): boolean =>
  stage === "dispatch" ? outcome !== "superseded" && outcome !== "deferred" : stage === "response_handle" && outcome !== "engaged";

/** The steps up to the one that decided the final status; later ones changed nothing. */
const untilDecision = (lineage: readonly LineageEntry[]): readonly LineageEntry[] => {
  const decided = lineage.findIndex(({ status }) => status !== null && isFinal(status));
  return decided < 0 ? lineage : lineage.slice(0, decided + 1);
};

/** The text in the step's own details, else the provider's last answer on the same attempt. */
const wordsOf = (step: LineageEntry | undefined, lineage: readonly LineageEntry[]): string => {
  const said = lineage.findLast((one) => quotesProvider(one) && one.attempt === step?.attempt && one.details.detail);
  const words = (step?.details.detail ?? said?.details.detail ?? "").trim();
  return words === "" ? "" : `: "${words.length > longestDetail ? `${words.slice(0, longestDetail)}…` : words}"`;
};

const byWhom = (attempts: number, provider: string | null): string => {
  if (attempts === 0) return "before any attempt";
  return `after ${counted(attempts, "attempt")}${provider ? `, the last by ${provider}` : ""}`;
};

const decidesWait = ({ stage, outcome }: LineageEntry): boolean =>
  (stage === "dispatch" && outcome !== "superseded") || stage === "retry" || stage === "route";

/** Why an open message is not final yet. */
const waitOf = (message: Explained): string => {
  const { status, provider, lineage, notBefore, updatedAt } = message;
  const last = lineage.findLast(decidesWait);
  if (last?.outcome === "scheduled")
    return `attempt ${last.attempt} failed: ${meaningOf(last.reason)}${wordsOf(last, lineage)}; Carillon will retry`;
  if (last?.outcome === "failed_over")
    return `attempt ${last.attempt} failed: ${meaningOf(last.reason)}${wordsOf(last, lineage)}; failing over to another provider`;
  if (last?.outcome === "deferred") return `no provider is available: ${last.details.detail ?? meaningOf(last.reason)}`;
  if (last?.outcome === "held") return "the outcome of the last attempt is unknown: waiting for a receipt";
  if (status === "dispatched") {
    const taken = lineage.findLast(({ stage, outcome }) => stage === "dispatch" && outcome === "ok");
    return `${taken?.provider ?? provider ?? "the provider"} accepted it at ${instant(taken?.at ?? updatedAt)}; no receipt yet`;
  }
  if (notBefore && notBefore > updatedAt) return `scheduled for ${instant(notBefore)}`;
  return status === "queued" ? "queued in its lane" : "not yet queued in its lane";
};

/** A message's status and reason, as a sentence. */
export const whyOf = (message: Explained): string => {
  const { status, final, reason, finalAt } = message;
  if (!final) return `${status}: ${waitOf(message)}`;
  const lineage = untilDecision(message.lineage);
  const decided = lineage.at(-1);
  const when = finalAt ? ` at ${instant(finalAt)}` : "";
  const by = byWhom(message.attempts, decided?.provider ?? message.provider);
  if (status === "delivered") return `delivered${when}, ${by}`;
  return `${status}${when}, ${by}: ${meaningOf(reason)}${wordsOf(decided, lineage)}`;
};
