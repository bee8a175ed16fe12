import avro from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Readings } from "../../processors/reading.js";
import { ProviderReceiptSchema, ReceiptEventSymbols } from "../../schemas/generated.js";
import { isReason } from "../../schemas/reasons.js";
import type { ProviderIdentity } from "../../sinks/providers/definition.js";
import { providerDefinitions } from "../../sinks/providers/registry.js";
import { callbackRequestOf } from "../../sources/callbacks/callback-request.js";
import { readUnit } from "../../sources/intake.js";
import { providerReceiptOf } from "../../sources/provider-receipt-of.js";
import { optionsOf } from "../support/providers.js";
import { isWellFormed, nastyText, parameters, timeoutMs } from "./property.js";

const receiptType = avro.Type.forSchema(ProviderReceiptSchema as unknown as avro.Schema);
const readers = providerDefinitions.filter(({ callbacks }) => callbacks);
/** Field names that the parsers read, so that random input reaches their values. */
const fields = [
  "id",
  "message_id",
  "status",
  "MessageSid",
  "MessageStatus",
  "ErrorCode",
  "eventType",
  "notificationType",
  "mail",
  "bounce",
  "notification",
  "delivery",
  "error",
  "delivered_at",
];

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    nastyText(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...fields, "messageId", "tags", "bounceType", "timestamp", "__proto__"), nastyText()),
      tie("value"),
      { maxKeys: 5 },
    ),
  ),
})).value;

const body = fc.oneof(
  json.map((value) => ({ type: "application/json", text: JSON.stringify(value) ?? "" })),
  fc.array(fc.tuple(fc.constantFrom(...fields), nastyText()), { maxLength: 6 }).map((pairs) => ({
    type: "application/x-www-form-urlencoded",
    text: new URLSearchParams(pairs.filter(([, value]) => isWellFormed(value))).toString(),
  })),
  nastyText(200).map((text) => ({ type: "text/plain", text })),
);

/** Checks that the log would accept a callback's readings. */
const assertReadings = (readings: Readings, identity: ProviderIdentity): void => {
  expect(readings.length).toBeGreaterThan(0);
  for (const reading of readings) {
    if (reading.kind === "unreadable") expect(reading.error.code).toBe("CALLBACK_REFUSED");
    if (reading.kind !== "receipt") continue;
    const { receipt } = reading;
    expect(ReceiptEventSymbols).toContain(receipt.event);
    expect(receipt.reason === undefined || isReason(receipt.reason)).toBe(true);
    expect(receiptType.isValid(providerReceiptOf(identity, receipt, 1))).toBe(true);
  }
};

describe.each(readers)("callbacks of $type", (definition) => {
  it(
    "whatever comes, says what a receipt can say, or names what is wrong",
    () => {
      const options = optionsOf(definition.type, {});
      const [channel = "email"] = definition.channels;
      fc.assert(
        fc.property(body, fc.webQueryParameters(), ({ type, text }, query) => {
          const request = callbackRequestOf({
            method: "POST",
            url: `http://carillon.test/?${query}`,
            headers: { "content-type": type },
            body: Buffer.from(text),
          });
          assertReadings(
            readUnit(() => definition.callbacks?.read(request, options) as Readings),
            { name: definition.type, channel },
          );
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});
