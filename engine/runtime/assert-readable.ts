import { CarillonError } from "../../schemas/errors.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";

/** Throws UNREADABLE for a record that stands for an unreadable batch. */
export const assertReadable = ({ unreadable, topic, partition, offset }: LogRecord): void => {
  if (!unreadable) return;
  const { firstOffset, why } = unreadable;
  const which = firstOffset === offset ? `the record at offset ${offset}` : `the records at offsets ${firstOffset} to ${offset}`;
  throw new CarillonError("UNREADABLE", `${which} of ${topic}, partition ${partition}, cannot be read: ${why}`, {
    fix: "the dead letter's value is the whole batch from the broker: ask its producer to send these records again",
  });
};
