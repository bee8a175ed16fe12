import { ignored, type Readings, receipt } from "../../../../processors/reading.js";
import { CarillonError } from "../../../../schemas/errors.js";
import { mostCharacters } from "../../callback-fields.js";
import { receiptOfWord } from "../../receipt-table.js";
import { foldedId, type ReceiptIds } from "./message-ids.js";
import { commandIds, type Delivery, deliveryOf, type RawPdu, rawPduOf } from "./pdu-reader.js";
import { type ReceiptField, receiptFieldsIn } from "./receipt-text.js";
import { decidingWord, smppStates } from "./states.js";

/** Message type of esm_class, in its bits 2 to 5. Source: SMPP 3.4, 5.2.12. */
const messageTypes = { receipt: 0x04, deliveryAcknowledgement: 0x08, userAcknowledgement: 0x10, abort: 0x18, intermediate: 0x20 } as const;
const messageType = 0x3c;

/** Optional parameters of a receipt. Source: SMPP 3.4, 5.3.2. */
const tags = { receiptedMessageId: 0x001e, networkErrorCode: 0x0423, messageState: 0x0427 } as const;

const textOfTlv = (value: Buffer | undefined): string | undefined => value?.toString("latin1").replace(/\0.*$/s, "").trim() || undefined;

/** A network type (1 ANSI-136, 2 IS-95, 3 GSM; SMPP 5.0 adds 4 to 8) and a code, for operators. Source: SMPP 3.4, 5.3.2.31. */
const networkErrorOf = (value: Buffer | undefined): string | undefined => {
  if (value?.length !== 3) return undefined;
  const code = value.readUInt16BE(1);
  return code === 0 ? undefined : `network_error_code ${value[0]}:${code}`;
};

const detailOf = (state: string, written: string | undefined, error: string | undefined, network: string | undefined): string => {
  const own = written && written.toUpperCase() !== state.toUpperCase() ? `stat ${written}` : "";
  return [error && !/^0+$/.test(error) ? `${state} err ${error}` : "", own, network ?? ""].filter(Boolean).join(", ");
};

const refusal = (problem: string): CarillonError =>
  new CarillonError("CALLBACK_REFUSED", problem, {
    fix: "SMPP 3.4, appendix B, and its parameters receipted_message_id and message_state",
  });

/** Without a receipt's fields, esm_class decides: a claimed receipt is refused, anything else is ignored as the recipient's own. */
const withoutFields = ({ esmClass }: Delivery): Readings => {
  switch (esmClass & messageType) {
    case messageTypes.receipt:
    case messageTypes.intermediate:
      throw refusal("short_message: holds no receipt");
    case messageTypes.deliveryAcknowledgement:
    case messageTypes.userAcknowledgement:
    case messageTypes.abort:
      return [ignored("recipient_acknowledgement")];
    default:
      return [ignored("inbound_message")];
  }
};

const idOf = (delivery: Delivery, fields: ReadonlyMap<ReceiptField, string>): string => {
  const id = textOfTlv(delivery.tlvs.get(tags.receiptedMessageId)) ?? fields.get("id");
  if (!id) throw refusal("id: is missing, and so is receipted_message_id");
  if (id.length > mostCharacters) throw refusal(`id: is longer than ${mostCharacters} characters`);
  return id;
};

const readDelivery = (delivery: Delivery, form: ReceiptIds): Readings => {
  const { tlvs, sourceAddress, destinationAddress } = delivery;
  const fields = receiptFieldsIn(delivery);
  const state = tlvs.get(tags.messageState)?.[0];
  if (fields.size === 0 && state === undefined && !tlvs.has(tags.receiptedMessageId)) return withoutFields(delivery);
  const providerMessageId = foldedId(idOf(delivery, fields), form);
  const written = fields.get("stat") || undefined;
  const word = decidingWord(written, state);
  if (!word) throw refusal("stat: is missing, and so is message_state");
  if (word.length > mostCharacters) throw refusal(`stat: is longer than ${mostCharacters} characters`);
  const detail = detailOf(word, written, fields.get("err"), networkErrorOf(tlvs.get(tags.networkErrorCode)));
  const statedAt = fields.get("done");
  return [
    receipt(
      receiptOfWord(smppStates, word, {
        providerMessageId,
        recipients: [sourceAddress, destinationAddress].filter((address) => address !== ""),
        ...(detail ? { detail } : {}),
        ...(statedAt ? { statedAt } : {}),
      }),
    ),
  ];
};

/**
 * Parses an SMSC's PDU. Recognizes a receipt by its fields, whatever esm_class says. Throws CALLBACK_REFUSED for a PDU that claims to be a
 * receipt and cannot be parsed. Source: SMPP 3.4, 4.6, 4.7 and appendix B.
 */
export const readPdu = (bytes: Buffer, form: ReceiptIds): Readings => {
  const pdu: RawPdu = rawPduOf(bytes);
  switch (pdu.commandId) {
    case commandIds.deliver_sm:
    case commandIds.data_sm:
      return readDelivery(deliveryOf(pdu), form);
    case commandIds.alert_notification:
      return [ignored("alert_notification")];
    default:
      throw refusal(`command_id: 0x${pdu.commandId.toString(16).padStart(8, "0")} carries no receipt`);
  }
};
