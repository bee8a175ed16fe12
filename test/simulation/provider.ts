import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Channel, DispatchCommand, ProviderReceipt, ReceiptEvent } from "../../schemas/generated.js";
import type { Behaviour, PlannedMessage } from "./plan.js";
import type { SimProcess } from "./process.js";
import type { World } from "./world.js";

/** One call of a provider, from the provider's side. */
export interface LedgerEntry {
  readonly messageId: string;
  readonly attempt: number;
  readonly atMs: number;
  readonly process: string;
}

interface Reported {
  readonly event: ReceiptEvent;
  readonly afterMs: number;
  readonly id?: string;
  readonly providerMessageId?: string;
}

/** The provider's reaction to one attempt. */
interface Reaction {
  readonly answersAfterMs: number;
  /** "never": no answer comes; "throws": the connection breaks. */
  readonly outcome: SendOutcome | "never" | "throws";
  readonly reports: readonly Reported[];
}

type Failure = Extract<SendOutcome, { retryAfterMs?: number }>;

const failure = (kind: Failure["kind"], retryAfterMs?: number): SendOutcome => ({
  kind,
  reason: kind === "throttled" ? "provider_throttled" : kind === "permanent_failure" ? "recipient_rejected" : "provider_unavailable",
  detail: `the simulated provider answers ${kind}`,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const delivered: Reported = { event: "delivered", afterMs: 800 };
const accepts = (providerMessageId: string, reports: readonly Reported[], answersAfterMs = 50): Reaction => ({
  answersAfterMs,
  outcome: { kind: "accepted", providerMessageId },
  reports,
});
const answers = (outcome: Reaction["outcome"], answersAfterMs = 50): Reaction => ({ answersAfterMs, outcome, reports: [] });

const reactions: Readonly<Record<Behaviour, (attempt: number, providerMessageId: string) => Reaction>> = {
  delivers: (_, id) => accepts(id, [delivered]),
  delivers_at_once: (_, providerMessageId) => answers({ kind: "delivered", providerMessageId }),
  reports_early: (_, id) => accepts(id, [{ event: "delivered", afterMs: 5 }], 400),
  reports_late: (_, id) => accepts(id, [{ event: "delivered", afterMs: 700_000 }]),
  reports_twice: (_, id) =>
    accepts(id, [delivered, { event: "delivered", afterMs: 900 }, { event: "delivered", afterMs: 5_000, id: "again" }]),
  contradicts_itself: (_, id) =>
    accepts(id, [
      { event: "permanent_failure", afterMs: 300 },
      { event: "delivered", afterMs: 302 },
    ]),
  engages: (_, id) => accepts(id, [delivered, { event: "opened", afterMs: 60_000 }, { event: "complained", afterMs: 90_000 }]),
  bounces: (_, id) => accepts(id, [{ event: "permanent_failure", afterMs: 1_500 }]),
  refuses: () => answers(failure("permanent_failure")),
  fails_twice: (attempt, id) => (attempt <= 2 ? answers(failure("temporary_failure")) : accepts(id, [delivered])),
  fails_by_receipt: (attempt, id) => accepts(id, [attempt === 1 ? { event: "temporary_failure", afterMs: 2_000 } : delivered]),
  fails_always: () => answers(failure("temporary_failure")),
  throttles: (attempt, id) => (attempt === 1 ? answers(failure("throttled", 7_000)) : accepts(id, [delivered])),
  stays_silent: (_, id) => accepts(id, []),
  answers_too_late: (_, id) => accepts(id, [delivered], 8_000),
  never_answers: () => answers("never"),
  throws: (attempt, id) => (attempt === 1 ? answers("throws") : accepts(id, [delivered])),
  reports_a_stranger: (_, id) => accepts(id, [delivered, { event: "delivered", afterMs: 1_000, providerMessageId: `stranger-${id}` }]),
};

/** The providers' side: the calls they received and their reports. */
export class ProviderSide {
  readonly ledger: LedgerEntry[] = [];
  private readonly reports = new Map<string, ProviderReceipt[]>();

  constructor(
    private readonly world: World,
    private readonly plannedOf: (messageId: string) => PlannedMessage | undefined,
    private readonly report: (receipt: ProviderReceipt) => void,
  ) {}

  /** The reports on a message. */
  reportsOf(messageId: string): readonly ProviderReceipt[] {
    return this.reports.get(messageId) ?? [];
  }

  /** Accepts one call. Resolves with the answer. */
  take(channel: Channel, command: DispatchCommand, process: SimProcess): Promise<SendOutcome> {
    const { world, ledger } = this;
    const { messageId, attempt } = command;
    const planned = this.plannedOf(messageId);
    const sends = ledger.filter((entry) => entry.messageId === messageId && entry.attempt === attempt).length;
    const providerMessageId = `response-${planned?.index}-${attempt}-${sends}`;
    const reaction = reactions[planned?.behaviour ?? "delivers"](attempt, providerMessageId);
    ledger.push({ messageId, attempt, atMs: world.now(), process: process.name });
    world.note(`provider: takes attempt ${attempt} of message ${planned?.index} from ${process.name}`);
    for (const { event, afterMs, id, providerMessageId: other } of reaction.reports) {
      const receipt: ProviderReceipt = {
        receiptId: `${other ?? providerMessageId}:${event}${id ? `:${id}` : ""}`,
        channel,
        provider: "simulated",
        messageId: null,
        attempt: null,
        providerMessageId: other ?? providerMessageId,
        event,
        reason: null,
        detail: null,
        retryAfterMs: null,
        at: world.now() + afterMs,
        waits: 0,
        recipients: [],
      };
      if (!other) this.reports.set(messageId, [...this.reportsOf(messageId), receipt]);
      world.after(afterMs, () => this.report(receipt));
    }
    return new Promise((resolve, reject) => {
      const { outcome } = reaction;
      if (outcome === "never") return;
      world.after(reaction.answersAfterMs, () =>
        process.deliver(() => (outcome === "throws" ? reject(new Error("socket hang up")) : resolve(outcome))),
      );
    });
  }

  of(channel: Channel, process: SimProcess): Provider {
    return {
      name: "simulated",
      channel,
      send: async (command) => {
        // the call itself may fail on its way; once accepted, the provider answers in its own time
        const taken = await process.call("provider", `send ${command.messageId}:${command.attempt}`, "write", async () => {
          const answer = this.take(channel, command, process);
          answer.catch(() => undefined); // the call may have been given up by then
          return { answer };
        });
        return taken.answer;
      },
      healthCheck: async () => "simulated",
      close: async () => undefined,
    };
  }
}
