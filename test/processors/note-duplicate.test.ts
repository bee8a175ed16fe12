import { expect, it } from "vitest";
import type { ConclusionPorts } from "../../processors/conclude.js";
import { noteDuplicate } from "../../processors/note-duplicate.js";
import { stageContext } from "../support/stage-context.js";

const subject = {
  ...{ messageId: "m-1", tenant: "shop", channel: "sms", lane: "high", idempotencyKey: "order-7", metadata: { region: "DE-BE" } },
  ...{ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: null },
};

it("the same content again is a step of the lineage alone", () => {
  const { context, emitted } = stageContext<ConclusionPorts>();
  noteDuplicate(context, subject, false);
  expect(emitted.lineage).toMatchObject([{ messageId: "m-1", outcome: "duplicate", reason: "duplicate_request", details: {} }]);
  expect(emitted.feedback).toBeUndefined();
});

it("other content is a conflict, of which the sender gets feedback without a recipient", () => {
  const { context, emitted } = stageContext<ConclusionPorts>();
  noteDuplicate(context, subject, true);
  expect(emitted.lineage).toMatchObject([{ reason: "idempotency_conflict", details: { note: expect.stringContaining("differs") } }]);
  expect(emitted.feedback).toMatchObject([
    {
      ...{ feedbackId: "m-1:duplicate:carillon.requests.high/0/7", kind: "engagement", status: "duplicate", to: null },
      ...{ tenant: "shop", idempotencyKey: "order-7", metadata: { region: "DE-BE" }, reason: "idempotency_conflict" },
    },
  ]);
});
