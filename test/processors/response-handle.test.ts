import { beforeEach, describe, expect, it } from "vitest";
import { createResponseHandle, type ResponseHandlePorts } from "../../processors/response-handle.js";
import type { ProviderReceipt } from "../../schemas/generated.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { madeOf } from "../support/made-of.js";
import { memoryPorts, plainCodec, policyWith, receiptFor, stageContext } from "../support/stage-context.js";

describe("response-handle", () => {
  const clock = createVirtualClock();
  const command = commandTo("sms", "+14155550100", { metadata: { order: "7" } });
  const sentAtMs = clock.now() - 2_000;
  let ports = memoryPorts(clock);
  let came: (readonly [string, string, number])[] = [];

  const handle = async (more: Partial<ProviderReceipt> = {}, overrides: Readonly<Record<string, unknown>> = {}) => {
    const { context, ...noted } = stageContext<ResponseHandlePorts>({}, clock);
    const routing = { receiptCame: (...given: [string, string, number]) => void came.push(given) };
    const stage = createResponseHandle({ ...ports, policy: policyWith(overrides), routing });
    return { verdict: await madeOf(stage.process(receiptFor(command, { at: clock.now(), ...more }), context)), ...noted };
  };

  beforeEach(async () => {
    ports = memoryPorts(clock);
    came = [];
    await ports.cache.put(command.messageId, plainCodec.encode(command), 60_000);
    const record = { provider: "sandbox", outcome: { kind: "accepted", providerMessageId: "r-1" }, at: sentAtMs, tookMs: 5 };
    await ports.claims.complete(`claim:${command.messageId}:1`, JSON.stringify(record), 60_000);
    await ports.cache.link("sandbox", "r-1", { messageId: command.messageId, attempt: 1, sentAtMs }, 60_000);
  });

  it.each<[string, Partial<ProviderReceipt>]>([
    ["its message", {}],
    ["the provider's id", { messageId: null, attempt: null, providerMessageId: "r-1" }],
  ])("finds the message by %s, and routing hears how long it took", async (_, more) => {
    const { verdict, emitted } = await handle(more);
    expect(verdict).toMatchObject({ kind: "delivered", attempt: 1, command: { to: command.to } });
    expect(emitted.lineage).toMatchObject([{ stage: "response_handle", outcome: "delivered" }]);
    expect(came).toEqual([["sms", "sandbox", 2_000]]);
  });

  it("has a receipt that no message claims wait, each time longer, then refuses it", async () => {
    const unknown = { messageId: null, attempt: null, providerMessageId: "r-9" };
    const waits = { delivery: { earlyReceiptRetryDelaysMs: [100, 900] } };
    expect((await handle(unknown, waits)).scheduled).toMatchObject([
      { port: "receipts", id: "early:receipt-1", dueAtMs: clock.now() + 100, value: { waits: 1 } },
    ]);
    expect((await handle({ ...unknown, waits: 1 }, waits)).scheduled).toMatchObject([{ dueAtMs: clock.now() + 900, value: { waits: 2 } }]);
    await expect(handle({ ...unknown, waits: 2 }, waits)).rejects.toMatchObject({ code: "UNKNOWN_RECEIPT" });
  });

  it("has a receipt of an attempt without a record wait", async () => {
    expect((await handle({ attempt: 2 })).scheduled).toHaveLength(1);
  });

  it("refuses a receipt that speaks of another's message", async () => {
    await expect(handle({ provider: "kaleyra" })).rejects.toMatchObject({ code: "RECEIPT_MISMATCH" });
    await expect(handle({ recipients: ["+14155550199"] })).rejects.toMatchObject({ code: "RECEIPT_MISMATCH" });
  });

  it.each(["complained", "opened", "clicked"] as const)("tells %s beside the status", async (event) => {
    const { verdict, emitted } = await handle({ event });
    expect(verdict).toBeUndefined();
    expect(emitted.lineage).toMatchObject([{ outcome: "engaged", details: { event } }]);
    expect(emitted.feedback).toMatchObject([{ kind: "engagement", status: event, metadata: { order: "7" } }]);
  });

  it("notes progress, which decides nothing", async () => {
    const { verdict, emitted } = await handle({ event: "delayed" });
    expect([verdict, emitted.lineage]).toMatchObject([undefined, [{ outcome: "delayed" }]]);
  });

  it("holds an ambiguous report where the lane holds sends of unknown outcome", async () => {
    const lanes = { lanes: { normal: { onAmbiguous: "hold" } } };
    expect((await handle({ event: "ambiguous" }, lanes)).verdict).toBeUndefined();
    expect((await handle({ event: "ambiguous" })).verdict).toMatchObject({ kind: "retry" });
  });

  it("ends a message by silence unless something else has ended it", async () => {
    expect((await handle({ event: "no_receipt" })).verdict).toMatchObject({ kind: "expired" });
    await ports.claims.decide(`final:${command.messageId}`, "delivered:other", 60_000);
    expect((await handle({ event: "no_receipt" })).verdict).toBeUndefined();
  });

  it("waits once more where its own deadline comes late, because receipts are then on their way too", async () => {
    const late = { event: "no_receipt", at: clock.now() - 90_000 } as const;
    const { verdict, scheduled } = await handle(late);
    expect(verdict).toBeUndefined();
    expect(scheduled).toMatchObject([
      { port: "receipts", id: `deadline:${command.messageId}:1`, dueAtMs: clock.now() + 90_000, value: { waits: 1 } },
    ]);
    expect((await handle({ ...late, waits: 1 })).verdict).toMatchObject({ kind: "expired" });
  });

  it("takes the time of now where a receipt's own lies a day before the send", async () => {
    expect((await handle({ at: sentAtMs - 86_400_001 })).verdict?.receipt.at).toBe(clock.now());
    expect((await handle({ at: sentAtMs - 1_000 })).verdict?.receipt.at).toBe(sentAtMs - 1_000);
  });
});
