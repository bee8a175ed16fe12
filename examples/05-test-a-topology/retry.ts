// The production topology in a test: no server, no waiting. Only the test moves the clock.
import assert from "node:assert/strict";
import { checkMessage } from "../../client/check-message.js";
import { completeMessage } from "../../client/complete-message.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";

const driver = await createDeliveryTestDriver({ channels: { email: { retry: { baseMs: 60_000, jitter: 0 } } } });
const { message } = checkMessage({ channel: "email", to: "flaky@sandbox.carillon.test", content: { subject: "Hello", text: "Hi" } });
assert(message);
const request = completeMessage(message, "examples", driver.clock.now());

await driver.pipe(driver.assembly.families.requests, request);
assert.equal((await driver.lineage(request.id))?.attempts, 1);

await driver.advance(60_000); // the second attempt fails too
await driver.advance(120_000); // the third one is accepted
await driver.advance(300); // its receipt arrives
assert.equal((await driver.lineage(request.id))?.status, "delivered");
console.log("a message that failed twice was delivered three virtual minutes later");
