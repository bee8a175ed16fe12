/** PDUs as an SMSC writes them, byte by byte, including PDUs that no library would write. Source: SMPP 3.4, 4.6 and 4.7. */

export interface DeliveryParts {
  readonly esmClass?: number;
  readonly dataCoding?: number;
  readonly source?: string;
  readonly destination?: string;
  readonly text?: string | Buffer;
  /** By tag. */
  readonly tlvs?: readonly (readonly [number, Buffer])[];
  readonly sequence?: number;
}

export const tags = { receiptedMessageId: 0x001e, networkErrorCode: 0x0423, messagePayload: 0x0424, messageState: 0x0427 } as const;

const cString = (text: string): Buffer => Buffer.from(`${text}\0`, "latin1");

const tlv = ([tag, value]: readonly [number, Buffer]): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
};

export const pduOf = (commandId: number, body: Buffer = Buffer.alloc(0), sequence = 1): Buffer => {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(16 + body.length, 0);
  head.writeUInt32BE(commandId, 4);
  head.writeUInt32BE(sequence, 12);
  return Buffer.concat([head, body]);
};

const addresses = ({ source = "14155550100", destination = "CARILN" }: DeliveryParts): Buffer =>
  Buffer.concat([cString(""), Buffer.from([1, 1]), cString(source), Buffer.from([5, 0]), cString(destination)]);

export const deliverSm = (parts: DeliveryParts): Buffer => {
  const { esmClass = 0x04, dataCoding = 0, text = "", tlvs = [], sequence = 1 } = parts;
  const message = Buffer.isBuffer(text) ? text : Buffer.from(text, "latin1");
  const fixed = [Buffer.from([esmClass, 0, 0]), cString(""), cString(""), Buffer.from([0, 0, dataCoding, 0, message.length])];
  return pduOf(0x05, Buffer.concat([addresses(parts), ...fixed, message, ...tlvs.map(tlv)]), sequence);
};

export const dataSm = (parts: DeliveryParts): Buffer => {
  const { esmClass = 0x04, dataCoding = 0, tlvs = [], sequence = 1 } = parts;
  return pduOf(0x103, Buffer.concat([addresses(parts), Buffer.from([esmClass, 0, dataCoding]), ...tlvs.map(tlv)]), sequence);
};

export const ucs2 = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
