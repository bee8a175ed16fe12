import { beforeEach, describe, expect, it } from "vitest";
import type { DispatchCommand, ProviderReceipt } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { requestOf } from "../support/requests.js";

describe("a receipt and the attempt that it names", () => {
  let driver: DeliveryTestDriver;
  let id: string;
  const sent: DispatchCommand[] = [];
  const start = async (lanes: object = {}): Promise<void> => {
    sent.length = 0;
    driver = await createDeliveryTestDriver(
      { channels: { sms: { providers: ["sandbox"] } }, lanes, delivery: { earlyReceiptRetryDelaysMs: [1_000] } } as never,
      {
        providers: (configured) => ({
          ...configured,
          sms: configured.sms.map((provider) => ({
            ...provider,
            send: async (command: DispatchCommand) => {
              sent.push(command);
              return { kind: "accepted" as const, providerMessageId: `r-${command.attempt}` };
            },
          })),
        }),
      },
    );
    const request = requestOf({ channel: "sms", to: "+14155550100", content: { text: "Hi" } }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    id = request.id;
  };
  beforeEach(() => start());
  const report = async (more: Partial<ProviderReceipt>): Promise<void> => {
    const receipt: ProviderReceipt = {
      receiptId: `receipt:${JSON.stringify(more)}`,
      channel: "sms",
      provider: "sandbox",
      messageId: null,
      attempt: null,
      providerMessageId: "r-1",
      event: "permanent_failure",
      reason: null,
      detail: null,
      retryAfterMs: null,
      at: driver.clock.now(),
      waits: 0,
      recipients: [],
      ...more,
    };
    await driver.pipe(driver.assembly.families.receipts, receipt);
  };
  const letters = async () => (await driver.read(driver.assembly.families.deadLetters)).map(({ errorCode }) => errorCode);

  it.each<[string, Partial<ProviderReceipt>]>([
    ["the id", {}],
    ["message and attempt", { messageId: "", attempt: 1 }],
    ["the recipient", { recipients: ["CARILN", "14155550100"] }],
    ["a number without its country code", { recipients: ["04155550100"] }],
    ["a hidden number", { recipients: ["1415***0100"] }],
  ])("counts where %s agrees", async (_, more) => {
    await report({ ...more, ...(more.messageId === "" ? { messageId: id } : {}) });
    expect(await driver.lineage(id)).toMatchObject({ status: "failed" });
    expect(await letters()).toEqual([]);
  });

  it.each<[string, Partial<ProviderReceipt>]>([
    ["another channel", { channel: "email" }],
    ["another channel, by message", { channel: "email", messageId: "", attempt: 1 }],
    ["another provider, by message", { provider: "ses", messageId: "", attempt: 1, providerMessageId: "ses-1" }],
    ["another provider, by message and without an id", { provider: "ses", messageId: "", attempt: 1, providerMessageId: null }],
    ["another id, by message", { messageId: "", attempt: 1, providerMessageId: "r-9" }],
    ["another recipient", { recipients: ["14155550199"] }],
  ])("is a dead letter where it is of %s, and changes nothing", async (_, more) => {
    await report({ ...more, ...(more.messageId === "" ? { messageId: id } : {}) });
    expect(await driver.lineage(id)).toMatchObject({ status: "dispatched", final: false });
    expect(await letters()).toEqual(["RECEIPT_MISMATCH"]);
  });

  it("waits where the attempt is not known yet, and is a dead letter in the end", async () => {
    await report({ messageId: id, attempt: 7 });
    expect(await letters()).toEqual([]);
    await driver.advance(5_000);
    expect(await letters()).toEqual(["UNKNOWN_RECEIPT"]);
    expect(await driver.lineage(id)).toMatchObject({ status: "dispatched" });
  });

  it("replaces a time long before the send", async () => {
    await report({ event: "delivered", at: driver.clock.now() - 2 * 86_400_000 });
    const step = (await driver.lineage(id))?.lineage.find(({ stage }) => stage === "response_handle");
    expect(step?.details.reportedAt).toBe(new Date(driver.clock.now()).toISOString());
  });

  it("of an unknown outcome: resends, or holds where the lane does", async () => {
    await report({ event: "ambiguous", reason: "outcome_unknown" });
    await driver.advance(60_000);
    expect(sent.length).toBeGreaterThan(1);
    await start({ normal: { onAmbiguous: "hold" } });
    await report({ event: "ambiguous", reason: "outcome_unknown" });
    await driver.advance(3_600_000);
    expect(sent).toHaveLength(1);
    expect(await driver.lineage(id)).toMatchObject({ status: "dispatched", final: false });
    await report({ event: "delivered" });
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered" });
  });
});
