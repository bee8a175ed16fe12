import fc from "fast-check";
import type { Source } from "../../sources/intake.js";
import { deliverSm, pduOf, tags } from "../support/smpp-pdus.js";
import { nastyText } from "./property.js";

const fields = [
  "id",
  "message_id",
  "status",
  "MessageSid",
  "MessageStatus",
  "SmsSid",
  "ErrorCode",
  "To",
  "eventType",
  "notificationType",
  "mail",
  "messageId",
  "tags",
  "destination",
  "bounce",
  "bounceType",
  "bounceSubType",
  "complaint",
  "notification",
  "delivery",
  "timestamp",
  "Type",
  "Message",
  "delivered_at",
  "constructor",
  "__proto__",
  "toString",
];

const words = [
  "DELIVRD",
  "delivered",
  "Bounce",
  "Permanent",
  "Delivery",
  "Complaint",
  "SUCCESS",
  "FAILURE",
  "constructor",
  "__proto__",
  "toString",
  "UNKNOWN",
  "",
];

const json = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      nastyText(),
      fc.constantFrom(...words),
      fc.double(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...fields), nastyText()), tie("value"), { maxKeys: 6 }),
    ),
  }))
  .value.map((value) => Buffer.from(JSON.stringify(value) ?? ""));

const form = fc
  .array(fc.tuple(fc.constantFrom(...fields), fc.oneof(fc.constantFrom(...words), fc.string())), { maxLength: 6 })
  .map((pairs) => Buffer.from(new URLSearchParams(pairs).toString()));

/** Bytes and texts of any kind. */
export const junk = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  nastyText(200).map((text) => Buffer.from(text)),
);

const labels = [
  "id:",
  "stat:",
  "err:",
  "sub:001",
  "done date:",
  "text:",
  "DELIVRD",
  "constructor",
  "__proto__",
  "77",
  "20261125101112",
  "\0",
  " ",
];

const receiptText = fc
  .array(fc.oneof(fc.constantFrom(...labels), fc.string({ maxLength: 5 })), { maxLength: 12 })
  .map((parts) => parts.join("").slice(0, 250));

const pdu = fc.oneof(
  fc
    .record({
      esmClass: fc.nat(255),
      dataCoding: fc.nat(255),
      text: receiptText,
      tlvs: fc.array(fc.tuple(fc.constantFrom(...Object.values(tags), 0x1403), junk), { maxLength: 4 }),
    })
    .map(deliverSm),
  fc.tuple(fc.constantFrom(0x05, 0x103, 0x102, 0x0b, 0x7777), junk).map(([command, body]) => pduOf(command, body)),
);

/** What may come from each source of reports. */
export const unitsOf: Readonly<Record<Source, fc.Arbitrary<Buffer>>> = {
  callback: fc.oneof(json, form, junk),
  queue: fc.oneof(json, junk),
  log: fc.oneof(json, junk),
  connection: fc.oneof(
    pdu,
    pdu.chain((bytes) => fc.nat(bytes.length).map((end) => bytes.subarray(0, Math.max(16, end)))),
  ),
  pull: json,
};
