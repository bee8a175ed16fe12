import { describe } from "vitest";
import { itHandsOutRecords } from "./event-log-consumption.js";
import { itMovesPartitions } from "./event-log-rebalances.js";
import { itKeepsRecords } from "./event-log-records.js";
import { type EventLogFactory, setUpEventLog } from "./event-log-under-test.js";

/** Conformance suite of EventLog. */
export const describeEventLog = (factory: EventLogFactory): void => {
  describe(`EventLog on ${factory.name}`, () => {
    const given = setUpEventLog(factory);
    itKeepsRecords(given);
    itHandsOutRecords(given);
    if (factory.rebalances) itMovesPartitions(given);
  });
};
