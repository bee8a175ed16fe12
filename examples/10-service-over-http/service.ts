// A service that sends over HTTP, without Kafka. Carillon must run: npm start. CARILLON_URL names it; CARILLON_API_KEY where it has keys.
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
if (result.accepted) console.log(`Carillon has ${result.id}`);
else for (const { field, problem, fix } of result.errors) console.error(`${field} ${problem}: ${fix}`);

await client.close();
process.exitCode = result.accepted ? 0 : 1;
