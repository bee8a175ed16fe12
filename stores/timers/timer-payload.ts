import type { Timer } from "./timers.js";

/** A timer's record as bytes: lengths of topic and key (u16 each), topic, key, value. */
export const encodeTimerRecord = ({ topic, key, value }: Timer["record"]): Buffer => {
  const [topicBytes, keyBytes] = [Buffer.from(topic), Buffer.from(key)];
  const lengths = Buffer.allocUnsafe(4);
  lengths.writeUInt16BE(topicBytes.length, 0);
  lengths.writeUInt16BE(keyBytes.length, 2);
  return Buffer.concat([lengths, topicBytes, keyBytes, value]);
};

export const decodeTimerRecord = (bytes: Buffer): Timer["record"] => {
  const topicEnd = 4 + bytes.readUInt16BE(0);
  const keyEnd = topicEnd + bytes.readUInt16BE(2);
  return { topic: bytes.toString("utf8", 4, topicEnd), key: bytes.toString("utf8", topicEnd, keyEnd), value: bytes.subarray(keyEnd) };
};
