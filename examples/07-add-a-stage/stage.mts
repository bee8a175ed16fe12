// Your own stage in your own graph: one day after an order, the stage emits a reminder unless the order was paid.
// startCarillon({ graphs: [topology.build()] }) runs the graph alongside delivery. Here the test driver runs it on a virtual clock.
import assert from "node:assert/strict";
import { createTopology, queueSet, type RecordType, type Stage, type TopicFamily } from "carillon";
import { createGraphTestDriver } from "carillon-testing";

interface Order {
  readonly id: string;
  readonly paid: boolean;
}

/** Records are Avro. Records with the same key keep their order. */
const order: RecordType<Order> = {
  name: "Order",
  schema: {
    type: "record",
    name: "Order",
    fields: [
      { name: "id", type: "string" },
      { name: "paid", type: "boolean" },
    ],
  },
  key: ({ id }) => id,
};

const single = (name: string): TopicFamily<Order> => ({ name, record: order, members: [{ name, partitions: 2 }], select: () => name });
const dayMs = 86_400_000;

/** A stage is a function of its record and its context. The context provides the time, timers and outputs. */
const remind: Stage<Order, void, { readonly reminders: Order }> = {
  name: "remind",
  ports: ["reminders"],
  timers: ["reminders"],
  process: (one, context) => {
    const timer = `remind:${one.id}`;
    if (one.paid) context.cancel(timer);
    else context.schedule("reminders", one, { id: timer, dueAtMs: context.now() + dayMs });
    return undefined;
  },
};

const topology = createTopology("reminders");
const orders = topology.topics(single("orders"));
const reminders = topology.topics(single("reminders"));
topology.source("shop", orders);
topology.subTopology(queueSet("watch", orders)).through(remind).to({ reminders });
topology.reader("mailer", reminders);

const driver = await createGraphTestDriver(topology.build());
await driver.pipe(orders, { id: "order-1", paid: false });
await driver.pipe(orders, { id: "order-2", paid: false });
await driver.pipe(orders, { id: "order-2", paid: true });
await driver.advance(dayMs - 1);
assert.deepEqual(await driver.read(reminders), []);
await driver.advance(1);
const [reminder, ...others] = await driver.read(reminders);
assert.equal(reminder?.id, "order-1");
assert.equal(others.length, 0);
console.log("the reminder of the unpaid order was sent after one virtual day");
