import { describe, expect, it } from "vitest";
import { type Explained, whyOf } from "../../operations/why.js";
import type { Reason } from "../../schemas/reasons.js";
import type { LineageEntry } from "../../stores/lineage-store/lineage-store.js";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 12, 0, second));

const step = (second: number, given: Partial<LineageEntry> & Pick<LineageEntry, "stage" | "outcome">): LineageEntry => ({
  eventId: `${second}`,
  status: null,
  reason: null,
  attempt: 1,
  instance: "test",
  provider: null,
  details: {},
  ...given,
  at: at(second),
});

const told = (second: number, detail = "200"): LineageEntry =>
  step(second, { stage: "webhook", outcome: "posted", details: { try: "1", feedback: "failed", detail } });

const message = (lineage: readonly LineageEntry[], given: Partial<Explained> = {}): Explained => ({
  status: "failed",
  final: true,
  reason: "recipient_rejected" satisfies Reason,
  attempts: 1,
  provider: "ses",
  finalAt: at(5),
  updatedAt: at(59),
  expiresAt: null,
  notBefore: null,
  lineage,
  ...given,
});

const refused = step(1, { stage: "dispatch", outcome: "permanent_failure", provider: "ses", details: { detail: "550 no such user" } });
const ended = step(2, { stage: "feedback", outcome: "failed", status: "failed", reason: "recipient_rejected", provider: "ses" });

describe("why a message stands as it does", () => {
  it("quotes the provider, not the webhook that was told afterwards", () => {
    const why = whyOf(message([refused, { ...ended, details: { detail: "550 no such user" } }, told(3)]));
    expect(why).toMatch(/: "550 no such user"$/);
  });

  it("quotes the provider where the deciding step has no words of its own", () => {
    expect(whyOf(message([refused, ended, told(3, "it answers 500")]))).toMatch(/: "550 no such user"$/);
  });

  it("quotes nothing where the provider said nothing, whatever webhooks, recipients and operators did", () => {
    const opened = step(4, { stage: "response_handle", outcome: "engaged", details: { detail: "opened by Mail/1.0" } });
    const dead = step(5, { stage: "dead_letter", outcome: "redriven", details: { detail: "try once more" } });
    expect(whyOf(message([{ ...refused, details: {} }, ended, told(3), opened, dead]))).toMatch(/\(recipient_rejected\)$/);
  });

  it("quotes the attempt that decided, not the receipt of another that came late", () => {
    const first = step(1, { stage: "dispatch", outcome: "ok", attempt: 1, provider: "slow", details: { detail: "queued" } });
    const second = { ...refused, attempt: 2 };
    const late = step(4, { stage: "response_handle", outcome: "delivered", attempt: 1, provider: "slow", details: { detail: "250 OK" } });
    const why = whyOf(message([first, second, { ...ended, attempt: 2 }, late], { attempts: 2, provider: "slow" }));
    expect(why).toMatch(/after 2 attempts, the last by ses: .*: "550 no such user"$/);
  });

  it("dates a send by its attempt, and quotes of a failed one what it failed with", () => {
    const sent = step(1, { stage: "dispatch", outcome: "ok", status: "dispatched", provider: "ses" });
    const open = { status: "dispatched", final: false, finalAt: null, reason: null } as const;
    expect(whyOf(message([sent, told(30)], open))).toContain("ses accepted it at 2026-01-01 12:00:01 UTC");
    const failed = step(1, { stage: "dispatch", outcome: "temporary_failure", provider: "ses", details: { detail: "451 busy" } });
    const again = step(2, { stage: "retry", outcome: "scheduled", reason: "provider_unavailable", provider: "ses" });
    expect(whyOf(message([failed, again, told(3)], open))).toMatch(/attempt 1 failed: .*: "451 busy"; Carillon will retry$/);
  });
});
