import type { Timer } from "./timers.js";

type TimerRecord = Timer["record"];
type Headers = NonNullable<TimerRecord["headers"]>;

/** Set in the topic's length when headers follow the key. No topic name is that long. */
const hasHeaders = 0x8000;

/** Headers as bytes: their total length (u32), then for each the lengths of name (u16) and value (u32), name, value. */
const encodeHeaders = (headers: Headers): Buffer => {
  const parts = Object.entries(headers).flatMap(([name, value]) => {
    const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
    const lengths = Buffer.allocUnsafe(6);
    lengths.writeUInt16BE(nameBytes.length, 0);
    lengths.writeUInt32BE(valueBytes.length, 2);
    return [lengths, nameBytes, valueBytes];
  });
  const all = Buffer.concat(parts);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(all.length, 0);
  return Buffer.concat([length, all]);
};

const decodeHeaders = (bytes: Buffer): Headers => {
  const headers: [string, Buffer][] = [];
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 6 + bytes.readUInt16BE(at);
    const valueEnd = nameEnd + bytes.readUInt32BE(at + 2);
    headers.push([bytes.toString("utf8", at + 6, nameEnd), bytes.subarray(nameEnd, valueEnd)]);
    at = valueEnd;
  }
  return Object.fromEntries(headers);
};

/** A timer's record as bytes: lengths of topic and key (u16 each), topic, key, optional headers, value. */
export const encodeTimerRecord = ({ topic, key, value, headers }: TimerRecord): Buffer => {
  const [topicBytes, keyBytes] = [Buffer.from(topic), Buffer.from(key)];
  const lengths = Buffer.allocUnsafe(4);
  lengths.writeUInt16BE(topicBytes.length | (headers ? hasHeaders : 0), 0);
  lengths.writeUInt16BE(keyBytes.length, 2);
  return Buffer.concat([lengths, topicBytes, keyBytes, ...(headers ? [encodeHeaders(headers)] : []), value]);
};

export const decodeTimerRecord = (bytes: Buffer): TimerRecord => {
  const first = bytes.readUInt16BE(0);
  const topicEnd = 4 + (first & ~hasHeaders);
  const keyEnd = topicEnd + bytes.readUInt16BE(2);
  const [topic, key] = [bytes.toString("utf8", 4, topicEnd), bytes.toString("utf8", topicEnd, keyEnd)];
  if ((first & hasHeaders) === 0) return { topic, key, value: bytes.subarray(keyEnd) };
  const headersEnd = keyEnd + 4 + bytes.readUInt32BE(keyEnd);
  return { topic, key, headers: decodeHeaders(bytes.subarray(keyEnd + 4, headersEnd)), value: bytes.subarray(headersEnd) };
};
