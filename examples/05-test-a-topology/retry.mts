// A test of the production topology, without servers or waiting. Only the test advances the clock.
import assert from "node:assert/strict";
import { createDeliveryTestDriver } from "carillon-testing";

const driver = await createDeliveryTestDriver({ channels: { email: { retry: { baseMs: 60_000, jitter: 0 } } } });
const id = await driver.send({ channel: "email", to: "flaky@sandbox.carillon.test", content: { subject: "Hello", text: "Hi" } });
assert.equal((await driver.lineage(id))?.attempts, 1);

await driver.advance(60_000); // the second attempt fails too
await driver.advance(120_000); // the third one is accepted
await driver.advance(300); // its receipt arrives
assert.equal((await driver.lineage(id))?.status, "delivered");
console.log("a message that failed twice was delivered three virtual minutes later");
