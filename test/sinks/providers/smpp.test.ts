import type { Pdu } from "smpp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { noContent } from "../../../schemas/no-content.js";
import { definitionOf } from "../../../sinks/providers/registry.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { freePort } from "../../servers/shell.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { eventually } from "../../support/eventually.js";
import { bareTools, createProvider, optionsOf } from "../../support/providers.js";
import { startSmsc } from "./smpp/smsc.js";

describe("provider smpp", () => {
  let smsc: Awaited<ReturnType<typeof startSmsc>>;
  let provider: Provider;
  let tools: ReturnType<typeof bareTools>;
  const options = (url: string) => ({ url, systemId: "carillon", password: "secret", window: 4, enquireEveryMs: 200 });
  beforeEach(async () => {
    smsc = await startSmsc();
    tools = bareTools({ sendTimeoutMs: 1_000 });
    provider = await createProvider("smpp", "sms", options(smsc.url), tools);
  });
  afterEach(async () => {
    await provider.close();
    await smsc.stop();
  });
  const send = (text = "Hi there", more: object = {}) =>
    provider.send(commandTo("sms", "+14155550100", { content: { ...noContent, text }, from: "CARILN", ...more }), sendContext);
  const textOf = ({ short_message }: Pdu): string => String((short_message as { message: string }).message);

  it("send: submits a GSM 03.38 text from an alphanumeric sender, and requests a receipt", async () => {
    expect(await send("Grüße für 5 €")).toEqual({ kind: "accepted", providerMessageId: "id-1" });
    const [pdu] = smsc.submits;
    expect(pdu).toMatchObject({
      destination_addr: "14155550100",
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      source_addr: "CARILN",
      source_addr_ton: 5,
      data_coding: 0,
      registered_delivery: 1,
    });
    expect(pdu && textOf(pdu)).toBe("Grüße für 5 €");
  });

  it("send: submits other characters as UCS-2", async () => {
    await send("नमस्ते 🎉");
    expect(smsc.submits[0]).toMatchObject({ data_coding: 8 });
    expect(smsc.submits[0] && textOf(smsc.submits[0])).toBe("नमस्ते 🎉");
  });

  it("send: splits a long message into parts with a header, and links it to the id of every part", async () => {
    const text = "x".repeat(400);
    expect(await send(text)).toEqual({ kind: "accepted", providerMessageId: "id-3", additionalProviderMessageIds: ["id-1", "id-2"] });
    const headers = smsc.submits.map(({ short_message }) => [
      ...((short_message as { udh: readonly Buffer[]; message: string }).udh[0] ?? []),
    ]);
    expect(headers.map((header) => header.slice(0, 2))).toEqual(Array(3).fill([0, 3]));
    expect(new Set(headers.map((header) => header[2])).size).toBe(1);
    expect(headers.map((header) => header.slice(3))).toEqual([
      [3, 1],
      [3, 2],
      [3, 3],
    ]);
    expect(smsc.submits.map(textOf).join("")).toBe(text);
    expect(smsc.submits.map(({ registered_delivery }) => registered_delivery)).toEqual([2, 2, 1]);
  });

  it("receipt: reads receipts from text or fields, and answers only once the log has them", async () => {
    await send();
    smsc.report("id:id-1 sub:001 dlvrd:001 submit date:2611221530 done date:2611221531 stat:DELIVRD err:000 text:Hi");
    smsc.report("", { receipted_message_id: "id-9", message_state: 5 });
    await eventually(
      () => tools.receipts.length,
      (count) => count === 2,
    );
    expect(tools.receipts).toEqual([
      { providerMessageId: "id-1", event: "delivered", statedAt: "2611221531", recipients: [] },
      { providerMessageId: "id-9", event: "permanent_failure", reason: "recipient_unavailable", recipients: [] },
    ]);
    await eventually(
      () => smsc.receipts,
      (answers) => answers.length === 2,
    );
    expect(smsc.receipts).toEqual([0, 0]);
  });

  it("receipt: leaves a receipt with the SMSC while the log cannot take it", async () => {
    await provider.close();
    tools = bareTools({ receive: () => Promise.reject(new Error("the log is away")) });
    provider = await createProvider("smpp", "sms", options(smsc.url), tools);
    await send();
    smsc.report("id:id-1 stat:DELIVRD err:000");
    await eventually(
      () => smsc.receipts,
      (answers) => answers.length === 1,
    );
    expect(smsc.receipts).toEqual([0x64]);
  });

  it("receipt: arrives after the connection broke, even if nothing is sent", async () => {
    await definitionOf("smpp")?.listen?.({ name: "smpp", channel: "sms" }, optionsOf("smpp", options(smsc.url)), tools);
    await eventually(smsc.bound, (count) => count === 1);
    smsc.breakAll();
    await eventually(smsc.bound, (count) => count === 2);
    await eventually(
      () => {
        smsc.report("id:id-7 stat:UNDELIV err:001");
        return tools.receipts.length;
      },
      (count) => count > 0,
    );
    expect(tools.receipts[0]).toMatchObject({ providerMessageId: "id-7", event: "permanent_failure", detail: "UNDELIV err 001" });
  });

  it("limit: leaves at most the window of submits unanswered", async () => {
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => send()));
    expect(outcomes.every(({ kind }) => kind === "accepted")).toBe(true);
    expect(smsc.state.most).toBeLessThanOrEqual(4);
    expect(smsc.state.most).toBeGreaterThan(1);
  });

  it.each([
    [0x58, { kind: "throttled", reason: "provider_throttled" }],
    [0x103, { kind: "permanent_failure", reason: "content_rejected" }],
    [0x105, { kind: "permanent_failure", reason: "sender_rejected" }],
    [0x106, { kind: "permanent_failure", reason: "recipient_rejected" }],
    [0x14, { kind: "throttled", reason: "provider_throttled" }],
    [0x0b, { kind: "permanent_failure", reason: "recipient_rejected" }],
    [0x0a, { kind: "permanent_failure", reason: "sender_rejected" }],
    [0x08, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0x45, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0x53, { kind: "temporary_failure", reason: "account_rejected" }],
    [0xff, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0x61, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0x15, { kind: "temporary_failure", reason: "account_rejected" }],
    [0xc3, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0xc2, { kind: "permanent_failure", reason: "content_rejected" }],
    [0x66, { kind: "permanent_failure", reason: "content_rejected" }],
    [0x102, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0x112, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [0x4444, { kind: "temporary_failure", reason: "provider_unavailable" }],
  ])("errors: maps command_status values: %i", async (status, expected) => {
    smsc.state.submit = status;
    expect(await send()).toMatchObject(expected);
  });

  it("errors: reads the SMSC's own statuses from the configuration, in either notation", async () => {
    const statuses = {
      "0x410": { kind: "permanent_failure", reason: "recipient_rejected" },
      "1041": { kind: "throttled", reason: "provider_throttled" },
    };
    const own = await createProvider("smpp", "sms", { ...options(smsc.url), statuses });
    for (const [status, expected] of [
      [0x410, statuses["0x410"]],
      [1041, statuses["1041"]],
    ] as const) {
      smsc.state.submit = status;
      expect(await own.send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject(expected);
    }
    expect(() => optionsOf("smpp", { statuses: { "4xx": statuses["1041"] } })).toThrow("command_status");
    await own.close();
  });

  it.each([0x01, 0x05, 0x0d, 0x0b, 0x10, 0xff, 0x4444])("errors: blames no message for a rejected bind: %i", async (status) => {
    smsc.state.bind = status;
    expect(await send()).toMatchObject({ kind: "temporary_failure" });
  });

  it("errors: blames the account for a rejected bind, and does not retry it at once", async () => {
    smsc.state.bind = 0x0e;
    expect(await send()).toMatchObject({ kind: "temporary_failure", reason: "account_rejected" });
    expect(await send()).toMatchObject({ kind: "temporary_failure", reason: "provider_unavailable" });
    expect(smsc.bound()).toBe(1);
    await expect(provider.healthCheck()).rejects.toThrow();
  });

  it("errors: is temporary if no server listens, ambiguous if the connection breaks after the submit or no answer comes", async () => {
    const nobody = await createProvider("smpp", "sms", options(`smpp://127.0.0.1:${await freePort()}`));
    expect(await nobody.send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({ kind: "temporary_failure" });
    await send();
    smsc.state.answers = false;
    const hanging = send();
    await eventually(
      () => smsc.submits.length,
      (count) => count === 2,
    );
    smsc.breakAll();
    expect(await hanging).toMatchObject({ kind: "ambiguous" });
    expect(await send()).toMatchObject({ kind: "ambiguous", detail: "the SMSC did not answer in time" });
  });

  it("limit: never submits a message whose deadline passed while it was queued, and completes one whose first part was sent", async () => {
    smsc.state.answers = false;
    const narrow = await createProvider("smpp", "sms", { ...options(smsc.url), window: 1 });
    expect(narrow.maxConcurrency).toBe(1);
    const hasty = withDeadline(narrow, 300, systemClock);
    const content = { ...noContent, text: "long ".repeat(40) };
    const outcomes = await Promise.all([
      hasty.send(commandTo("sms", "+14155550100", { content }), sendContext),
      hasty.send(commandTo("sms", "+14155550101"), sendContext),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ambiguous", "temporary_failure"]);
    await eventually(
      () => smsc.submits.length,
      (count) => count === 2,
    );
    await new Promise((resolve) => setTimeout(resolve, 200)); // nothing follows
    expect(smsc.submits.map(({ destination_addr }) => destination_addr)).toEqual(["14155550100", "14155550100"]);
    await narrow.close();
  });
});
