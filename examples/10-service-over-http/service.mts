// A service that sends over HTTP, without Kafka. Carillon must be running: npm start. CARILLON_URL is its address, and CARILLON_API_KEY a
// key if it has any.
import { createHttpClient } from "carillon-client";

const { CARILLON_URL: url = "http://127.0.0.1:8080", CARILLON_API_KEY: apiKey } = process.env;
const client = createHttpClient({ url, apiKey });

const result = await client.send({
  channel: "sms",
  to: "+14155550100",
  lane: "critical",
  content: { text: "Your code is 492 113" },
  idempotencyKey: `login-${Date.now()}`,
  expiresAt: Date.now() + 5 * 60_000,
});
if (result.accepted) console.log(`Carillon accepted ${result.id}`);
else for (const { field, problem, fix } of result.errors) console.error(`${field} ${problem}: ${fix}`);

await client.close();
process.exitCode = result.accepted ? 0 : 1;
