import { crc32c } from "@platformatic/kafka";
import { batchOf } from "../support/record-batch.js";

const sealed = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
};

/** Batches with an error that the broker did not detect, as after a disk fault, or from a producer newer than its readers. */
export const poisons: Readonly<Record<string, (batch: Buffer) => Buffer>> = {
  "a codec that nobody knows": (batch) => {
    batch.writeInt16BE(7, 21);
    return sealed(batch);
  },
  "a count of records that is wrong": (batch) => {
    batch.writeInt32BE(1_000, 57);
    return sealed(batch);
  },
  "a wrong checksum": (batch) => {
    batch.writeUInt8(batch.readUInt8(batch.length - 1) ^ 1, batch.length - 1);
    return batch;
  },
  "headers without value or name": (batch) => {
    const value = Buffer.from(/poison in [^;]+;/.exec(batch.toString("latin1"))?.[0] ?? "");
    for (let more = 0; ; more += 1) {
      const padded = Buffer.concat([value, Buffer.alloc(more, " ")]);
      const made = batchOf([
        {
          key: null,
          value: padded,
          headers: [
            ["none", null],
            [null, null],
            ["", Buffer.alloc(0)],
            ["none", null],
          ],
        },
      ]);
      if (made.length < batch.length) continue;
      batch.copy(made, 0, 0, 8);
      batch.copy(made, 12, 12, 16);
      return made;
    }
  },
};

/** The text of a record by which its batch is found and corrupted. */
export const poisonText = (place: string, poison: string): string => `poison in ${place}: ${poison};`;

/** Corrupts the batches with such a text and leaves the others unchanged. */
export const createPoisoner = () => {
  /** The texts in the corrupted batches. */
  const spoilt = new Set<string>();
  const poisoned = (batches: Buffer): Buffer => {
    for (let at = 0; at + 12 <= batches.length; at += 12 + batches.readInt32BE(at + 8)) {
      const batch = batches.subarray(at, at + 12 + batches.readInt32BE(at + 8));
      const isWhole = batch.length === 12 + batch.readInt32BE(8);
      const said = /poison in [^;]+;/.exec(batch.toString("latin1"))?.[0];
      const [, spoil] = Object.entries(poisons).find(([poison]) => batch.includes(`: ${poison};`)) ?? [];
      if (!isWhole || !spoil || said === undefined) continue;
      spoil(Buffer.from(batch)).copy(batch);
      spoilt.add(said);
    }
    return batches;
  };
  return { poisoned, spoilt };
};
