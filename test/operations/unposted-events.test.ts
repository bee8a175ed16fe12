import { describe, expect, it } from "vitest";
import { unpostedEvents } from "../../operations/unposted-events.js";
import { fold } from "../../stores/lineage-store/fold.js";
import type { MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { lineageStep } from "../support/lineage-records.js";

const documentOf = (more: Partial<MessageDocument>): MessageDocument => {
  const steps = [
    lineageStep("shop", 1, "accept", { status: "accepted" }),
    lineageStep("shop", 1, "response_handle", { outcome: "engaged", attempt: 1, eventId: "shop-1:response_handle:1:engaged:p:7:opened" }),
    lineageStep("shop", 1, "validate", { outcome: "duplicate", eventId: "shop-1:validate:0:duplicate:requests.normal/3/17" }),
  ];
  const folded = fold(
    undefined,
    steps.map((event, offset) => ({ event, partition: 0, offset })),
  );
  return { ...(folded?.document as MessageDocument), ...more };
};

const others = ["shop-1:p:7:opened", "shop-1:duplicate:requests.normal/3/17"].map((id) => `webhook:${id}`);
const ends = ["delivered", "failed", "expired", "suppressed"].map((status) => `webhook:shop-1:${status}`);

describe("events of an erased message that a webhook has not received", () => {
  it("are those of its end, and of its openings and duplicates", () => {
    const document = documentOf({ status: "cancelled", final: true, reason: "discarded" });
    expect([...unpostedEvents(document)].sort()).toEqual([...ends, "webhook:shop-1:cancelled", ...others].sort());
  });

  it("exclude the event by which its sender learns of the erasure", () => {
    for (const document of [documentOf({}), documentOf({ status: "cancelled", final: true, reason: "recipient_erased" })])
      expect([...unpostedEvents(document)].sort()).toEqual([...ends, ...others].sort());
  });
});
