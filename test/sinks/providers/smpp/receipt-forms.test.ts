import { describe, expect, it } from "vitest";
import type { Receipt } from "../../../../processors/receipt.js";
import { definitionOf } from "../../../../sinks/providers/registry.js";
import { readUnit } from "../../../../sources/intake.js";
import { optionsOf } from "../../../support/providers.js";
import { dataSm, deliverSm, pduOf, tags, ucs2 } from "../../../support/smpp-pdus.js";

const read = (bytes: Buffer) => readUnit(() => definitionOf("smpp")?.readers?.connection?.(bytes, optionsOf("smpp", {})) as never)[0];

const delivered = { providerMessageId: "77", event: "delivered" } as const;
const failed = { providerMessageId: "77", event: "permanent_failure", reason: "recipient_unavailable" } as const;
const refused = { providerMessageId: "77", event: "permanent_failure", reason: "content_rejected" } as const;
const progress = { providerMessageId: "77", event: "accepted" } as const;
const doubtful = { providerMessageId: "77", event: "ambiguous", reason: "outcome_unknown" } as const;
const standard = "id:0000000077 sub:001 dlvrd:001 submit date:2611251001 done date:2611251002 stat:DELIVRD err:000 text:Hello";
const id = (text: string): readonly [number, Buffer] => [tags.receiptedMessageId, Buffer.from(text)];
const state = (number: number): readonly [number, Buffer] => [tags.messageState, Buffer.from([number])];
const payload = (text: string | Buffer): readonly [number, Buffer] => [tags.messagePayload, Buffer.from(text)];

const forms: readonly (readonly [string, Buffer, Partial<Receipt>])[] = [
  ["the standard's own form", deliverSm({ text: standard }), { ...delivered, statedAt: "2611251002" }],
  ["lower case", deliverSm({ text: standard.toLowerCase() }), delivered],
  ["upper case", deliverSm({ text: standard.toUpperCase() }), delivered],
  [
    "another order",
    deliverSm({ text: "stat:DELIVRD err:000 done date:2611251002 id:77 sub:001" }),
    { ...delivered, statedAt: "2611251002" },
  ],
  ["the quoted text first", deliverSm({ text: "text:Hello id:77 stat:DELIVRD" }), delivered],
  ["spaces after the colons", deliverSm({ text: "id: 77 sub: 001  dlvrd: 001 stat:  DELIVRD err: 000" }), delivered],
  ["spaces before the colons", deliverSm({ text: "id :77 stat :UNDELIV err :001" }), { ...failed, detail: "UNDELIV err 001" }],
  ["an empty error", deliverSm({ text: "id:77 stat:UNDELIV err: text:Hi" }), failed],
  ["commas", deliverSm({ text: "id:77,sub:001,dlvrd:000,stat:REJECTD,err:012" }), { ...refused, detail: "REJECTD err 012" }],
  [
    "labels in one word",
    deliverSm({ text: "id:77 submitdate:261125100100 donedate:261125100200 stat:DELIVRD" }),
    { ...delivered, statedAt: "261125100200" },
  ],
  [
    "dates with a century",
    deliverSm({ text: "id:77 done date:20261125100200 stat:DELIVRD" }),
    { ...delivered, statedAt: "20261125100200" },
  ],
  ["nothing but id and state", deliverSm({ text: "id:77 stat:DELIVRD" }), delivered],
  ["a letter in the error", deliverSm({ text: "id:77 stat:UNDELIV err:00A" }), { ...failed, detail: "UNDELIV err 00A" }],
  ["a terminating NUL", deliverSm({ text: "id:77 stat:DELIVRD\0" }), delivered],
  ["NULs between", deliverSm({ text: "id:77\0stat:DELIVRD\0\0" }), delivered],
  ["line breaks between", deliverSm({ text: "id:77\r\nsub:001\r\nstat:DELIVRD\r\n" }), delivered],
  ["labels within the quoted text", deliverSm({ text: "id:77 stat:UNDELIV err:001 text:id:5 stat:DELIVRD" }), failed],
  ["an id in hexadecimal", deliverSm({ text: "id:00AbCdEf stat:DELIVRD" }), { ...delivered, providerMessageId: "abcdef" }],
  ["an id with dashes", deliverSm({ text: "id:2A-77_x stat:DELIVRD" }), { ...delivered, providerMessageId: "2a-77_x" }],
  ["an underscore of the GSM alphabet", deliverSm({ text: "id:a\u0011b stat:DELIVRD" }), { ...delivered, providerMessageId: "a_b" }],
  ["UCS-2", deliverSm({ dataCoding: 8, text: ucs2("id:77 stat:DELIVRD err:000") }), delivered],
  ["UCS-2 by name alone", deliverSm({ dataCoding: 8, text: "id:77 stat:DELIVRD err:000" }), delivered],
  ["UCS-2 that is not named", deliverSm({ dataCoding: 0, text: ucs2("id:77 stat:DELIVRD") }), delivered],
  ["binary by name", deliverSm({ dataCoding: 4, text: "id:77 stat:DELIVRD" }), delivered],
  [
    "a user data header",
    deliverSm({ esmClass: 0x44, text: Buffer.concat([Buffer.from([5, 0, 3, 1, 1, 1]), Buffer.from(standard)]) }),
    delivered,
  ],
  ["a header that is announced and not there", deliverSm({ esmClass: 0x44, text: standard }), delivered],
  ["message_payload", deliverSm({ tlvs: [payload(standard)] }), delivered],
  ["message_payload in UCS-2", deliverSm({ dataCoding: 8, tlvs: [payload(ucs2("id:77 stat:DELIVRD"))] }), delivered],
  ["message_payload next to a short text", deliverSm({ text: "receipt", tlvs: [payload(standard)] }), delivered],
  ["parameters alone", deliverSm({ tlvs: [id("77\0"), state(2)] }), delivered],
  ["an id without its NUL", deliverSm({ tlvs: [id("77"), state(2)] }), delivered],
  ["an id with several NULs", deliverSm({ tlvs: [id("77\0\0\0"), state(5)] }), failed],
  ["parameters in another order", deliverSm({ tlvs: [state(3), id("0077")] }), failed],
  ["parameters beside the text", deliverSm({ text: standard, tlvs: [id("77\0"), state(2)] }), delivered],
  ["an id by parameter, the state by text", deliverSm({ text: "stat:DELIVRD err:000", tlvs: [id("77\0")] }), delivered],
  ["an id by text, the state by parameter", deliverSm({ text: "id:77 sub:001", tlvs: [state(2)] }), delivered],
  [
    "unknown parameters between",
    deliverSm({ tlvs: [[0x1403, Buffer.from("1234")], id("77"), [0x2150, Buffer.alloc(0)], state(2)] }),
    delivered,
  ],
  [
    "a network error",
    deliverSm({ tlvs: [id("77"), state(5), [tags.networkErrorCode, Buffer.from([3, 0, 27])]] }),
    { ...failed, detail: "network_error_code 3:27" },
  ],
  ["data_sm", dataSm({ tlvs: [id("77\0"), state(2)] }), delivered],
  ["data_sm with message_payload", dataSm({ tlvs: [payload(standard)] }), delivered],
  ["esm_class 0", deliverSm({ esmClass: 0x00, text: standard }), delivered],
  ["esm_class 0 with parameters", deliverSm({ esmClass: 0x00, tlvs: [id("77"), state(2)] }), delivered],
  ["esm_class 0x08", deliverSm({ esmClass: 0x08, text: standard }), delivered],
  ["esm_class 0x10", deliverSm({ esmClass: 0x10, text: standard }), delivered],
  ["an intermediate notification", deliverSm({ esmClass: 0x20, text: "id:77 stat:ENROUTE" }), progress],
  ["a mode and a reply path in esm_class", deliverSm({ esmClass: 0x87, text: standard }), delivered],
  ...(["DELIVERED", "Delivered", "DELIVERD"] as const).map((word) => [word, deliverSm({ text: `id:77 stat:${word}` }), delivered] as const),
  ...(["UNDELIVERABLE", "UNDELIVERED", "FAILED", "EXPIRED", "undeliv"] as const).map(
    (word) => [word, deliverSm({ text: `id:77 stat:${word}` }), failed] as const,
  ),
  ...(["DELETED", "REJECTD", "REJECTED", "SKIPPED"] as const).map(
    (word) => [word, deliverSm({ text: `id:77 stat:${word}` }), refused] as const,
  ),
  ...(["ENROUTE", "ACCEPTD", "ACCEPTED", "SCHEDULED", "BUFFERED"] as const).map(
    (word) => [word, deliverSm({ text: `id:77 stat:${word}` }), progress] as const,
  ),
  ["a state by number", deliverSm({ text: "id:77 stat:2" }), delivered],
  ["UNKNOWN", deliverSm({ text: "id:77 stat:UNKNOWN err:000" }), doubtful],
  ["UNKNOWN beside a known message_state", deliverSm({ text: "id:77 stat:UNKNOWN", tlvs: [state(2)] }), delivered],
  [
    "a word of the vendor beside message_state",
    deliverSm({ text: "id:77 stat:NOSUB err:000", tlvs: [state(5)] }),
    { ...failed, detail: "stat NOSUB" },
  ],
  ["FAILED beside message_state", deliverSm({ text: "id:77 stat:FAILED", tlvs: [state(5)] }), failed],
  ["a word of the vendor alone", deliverSm({ text: "id:77 stat:FINISHED" }), { ...progress, unknownState: "FINISHED" }],
  ["constructor as a state", deliverSm({ text: "id:77 stat:constructor" }), { ...progress, unknownState: "constructor" }],
  ["__proto__ as a state", deliverSm({ text: "id:77 stat:__proto__" }), { ...progress, unknownState: "__proto__" }],
  ["a message_state of the future", deliverSm({ tlvs: [id("77"), state(42)] }), { ...progress, unknownState: "message_state 42" }],
];

describe("receipts of SMSCs", () => {
  it.each(forms)("reads %s", (_, bytes, expected) => {
    expect(read(bytes)).toMatchObject({ kind: "receipt", receipt: expected });
  });

  it("names both addresses, so that a receipt of another recipient is found out", () => {
    expect(read(deliverSm({ text: standard }))).toMatchObject({ receipt: { recipients: ["14155550100", "CARILN"] } });
  });

  it.each([
    ["a message that a recipient sent", deliverSm({ esmClass: 0, text: "STOP" }), "inbound_message"],
    ["an empty one", deliverSm({ esmClass: 0 }), "inbound_message"],
    ["one whose text has one label", deliverSm({ esmClass: 0, text: "my id: 77" }), "inbound_message"],
    ["a data_sm of a recipient", dataSm({ esmClass: 0, tlvs: [payload("Hi")] }), "inbound_message"],
    ["an acknowledgement of a recipient", deliverSm({ esmClass: 0x08, text: "thanks" }), "recipient_acknowledgement"],
    ["one by hand", deliverSm({ esmClass: 0x10, text: "read" }), "recipient_acknowledgement"],
    ["an abort", deliverSm({ esmClass: 0x18 }), "recipient_acknowledgement"],
    ["an alert_notification", pduOf(0x102, Buffer.from([1, 1, 0x34, 0, 1, 1, 0x35, 0])), "alert_notification"],
  ])("ignores %s, and says why", (_, bytes, reason) => {
    expect(read(bytes)).toEqual({ kind: "ignored", reason });
  });

  it.each([
    ["a receipt without an id", deliverSm({ text: "sub:001 dlvrd:001 stat:DELIVRD err:000" }), "id: is missing"],
    ["the same with esm_class 0", deliverSm({ esmClass: 0, text: "sub:001 dlvrd:001 stat:DELIVRD err:000" }), "id: is missing"],
    ["a receipt without a state", deliverSm({ text: "id:77 sub:001 dlvrd:001" }), "stat: is missing"],
    ["an empty receipt", deliverSm({}), "short_message: holds no receipt"],
    ["words", deliverSm({ text: "your message was delivered" }), "short_message: holds no receipt"],
    ["an intermediate notification of nothing", deliverSm({ esmClass: 0x20, text: "?" }), "short_message: holds no receipt"],
    ["an endless id", deliverSm({ tlvs: [id("7".repeat(600)), state(2)] }), "id: is longer"],
    ["a PDU that ends early", deliverSm({ text: standard }).subarray(0, 40), "the PDU ends"],
    ["a PDU without a body", pduOf(0x05), "service_type: has no terminating NUL"],
  ])("keeps %s as unreadable", (_, bytes, problem) => {
    expect(read(bytes)).toMatchObject({
      kind: "unreadable",
      error: { code: "CALLBACK_REFUSED", message: expect.stringContaining(problem) },
    });
  });
});
