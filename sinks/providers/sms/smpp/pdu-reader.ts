import { CarillonError } from "../../../../schemas/errors.js";

/** The commands of SMPP 3.4, 5.1.2.1, that a transceiver uses. */
export const commandIds = {
  generic_nack: 0x8000_0000,
  bind_transceiver: 0x0000_0009,
  submit_sm: 0x0000_0004,
  deliver_sm: 0x0000_0005,
  unbind: 0x0000_0006,
  outbind: 0x0000_000b,
  enquire_link: 0x0000_0015,
  alert_notification: 0x0000_0102,
  data_sm: 0x0000_0103,
} as const;

/** Set in the command_id of every response. */
export const responseBit = 0x8000_0000;

const headerBytes = 16;

/** One PDU as received. */
export interface RawPdu {
  readonly commandId: number;
  readonly status: number;
  readonly sequence: number;
  readonly bytes: Buffer;
}

/** `bytes` contains at least a header. */
export const rawPduOf = (bytes: Buffer): RawPdu => ({
  commandId: bytes.readUInt32BE(4),
  status: bytes.readUInt32BE(8),
  sequence: bytes.readUInt32BE(12),
  bytes,
});

/** Reads fields one after another. Throws CALLBACK_REFUSED if the bytes end too early. */
class Fields {
  constructor(
    private readonly bytes: Buffer,
    private at = headerBytes,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(name: string): number {
    return this.take(name, 1)[0] ?? 0;
  }

  uint16(name: string): number {
    return this.take(name, 2).readUInt16BE(0);
  }

  take(name: string, length: number): Buffer {
    if (this.left < length) throw new CarillonError("CALLBACK_REFUSED", `${name}: the PDU ends within it`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  cString(name: string): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new CarillonError("CALLBACK_REFUSED", `${name}: has no terminating NUL`);
    const text = this.bytes.toString("latin1", this.at, end);
    this.at = end + 1;
    return text;
  }
}

/** Optional parameters by tag. A repeated tag keeps its first value; a truncated one keeps its available bytes. */
const tlvsOf = (fields: Fields): ReadonlyMap<number, Buffer> => {
  const tlvs = new Map<number, Buffer>();
  while (fields.left >= 4) {
    const tag = fields.uint16("tag");
    const length = fields.uint16("length");
    const value = fields.take("value", Math.min(length, fields.left));
    if (!tlvs.has(tag)) tlvs.set(tag, value);
  }
  return tlvs;
};

/** The fields of a deliver_sm or data_sm that can contain a receipt. */
export interface Delivery {
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly esmClass: number;
  readonly dataCoding: number;
  /** short_message; empty in a data_sm. */
  readonly shortMessage: Buffer;
  readonly tlvs: ReadonlyMap<number, Buffer>;
}

const addressOf = (fields: Fields, name: string): string => {
  fields.take(`${name}_ton_npi`, 2);
  return fields.cString(name);
};

/** Parses a deliver_sm (SMPP 3.4, 4.6.1) or a data_sm (4.7.1). Throws CALLBACK_REFUSED, naming the field, for anything else. */
export const deliveryOf = ({ commandId, bytes }: RawPdu): Delivery => {
  const fields = new Fields(bytes);
  fields.cString("service_type");
  const sourceAddress = addressOf(fields, "source_addr");
  const destinationAddress = addressOf(fields, "destination_addr");
  const esmClass = fields.byte("esm_class");
  if (commandId === commandIds.data_sm) {
    fields.byte("registered_delivery");
    const dataCoding = fields.byte("data_coding");
    return { sourceAddress, destinationAddress, esmClass, dataCoding, shortMessage: Buffer.alloc(0), tlvs: tlvsOf(fields) };
  }
  fields.take("protocol_id and priority_flag", 2);
  fields.cString("schedule_delivery_time");
  fields.cString("validity_period");
  fields.take("registered_delivery and replace_if_present_flag", 2);
  const dataCoding = fields.byte("data_coding");
  fields.byte("sm_default_msg_id");
  const shortMessage = fields.take("short_message", fields.byte("sm_length"));
  return { sourceAddress, destinationAddress, esmClass, dataCoding, shortMessage, tlvs: tlvsOf(fields) };
};

/** message_id of a submit_sm_resp; undefined if there is none. */
export const messageIdOf = ({ bytes }: RawPdu): string | undefined => {
  const end = bytes.indexOf(0, headerBytes);
  return bytes.toString("latin1", headerBytes, end < 0 ? bytes.length : end) || undefined;
};
