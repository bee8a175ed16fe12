import { expect, it } from "vitest";
import { drive } from "../../engine/ask.js";
import { type Conclusion, type ConclusionPorts, conclude, decisionOf } from "../../processors/conclude.js";
import { commandTo } from "../support/commands.js";
import { memoryPorts, stageContext } from "../support/stage-context.js";

const subject = commandTo("sms", "+14155550100", { metadata: { order: "7" }, idempotencyKey: "k" });
const ending = (more: Partial<Conclusion> = {}): Conclusion => ({
  subject,
  stage: "feedback",
  status: "delivered",
  reason: null,
  attempt: 1,
  provider: "sandbox",
  providerMessageId: "r-1",
  cause: "receipt-1",
  ...more,
});

it("the first cause ends a message, and its sender is told once", async () => {
  const { claims } = memoryPorts();
  const { context, emitted } = stageContext<ConclusionPorts>();
  expect(await drive(conclude(context, claims, 60_000, ending()))).toBe(true);
  expect(emitted.lineage).toMatchObject([{ outcome: "delivered", status: "delivered", details: { providerMessageId: "r-1" } }]);
  expect(emitted.feedback).toMatchObject([{ kind: "final", status: "delivered", metadata: { order: "7" }, idempotencyKey: "k", to: null }]);
});

it("the same end told again says the same; another one is noted as late", async () => {
  const { claims } = memoryPorts();
  const first = stageContext<ConclusionPorts>();
  await drive(conclude(first.context, claims, 60_000, ending()));
  const again = stageContext<ConclusionPorts>();
  expect(await drive(conclude(again.context, claims, 60_000, ending()))).toBe(true);
  expect(again.emitted).toEqual(first.emitted);
  const late = stageContext<ConclusionPorts>();
  expect(await drive(conclude(late.context, claims, 60_000, ending({ status: "failed", cause: "receipt-2" })))).toBe(false);
  expect(late.emitted.lineage).toMatchObject([{ outcome: "late", status: null, details: { ignored: "failed", final: "delivered" } }]);
  expect(late.emitted.feedback).toBeUndefined();
});

it("a recipient is given back only where the end says so", async () => {
  const { context, emitted } = stageContext<ConclusionPorts>();
  await drive(conclude(context, memoryPorts().claims, 60_000, ending({ status: "suppressed", to: "+14155550100" })));
  expect(emitted.feedback).toMatchObject([{ to: "+14155550100" }]);
});

it("a decision is read as status and cause, colons in the cause and all", () => {
  expect(decisionOf("expired:dispatch:2")).toEqual({ status: "expired", cause: "dispatch:2" });
});
