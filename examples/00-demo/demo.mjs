// Sends a batch through the embedded profile and prints the result of each message.
import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createLogger, loadConfig, startCarillon, viewOf, waitUntilFinal } from "carillon";
import { renderTimeline, say } from "carillon/cli";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const cluster = process.env.CARILLON_PROFILE === "cluster";
const config = loadConfig({
  file: here("carillon.yaml"),
  environment: { ...process.env, CARILLON_PORT: "0", CARILLON_DATA_DIR: undefined },
});
if (!cluster) rmSync(config.dataDir, { recursive: true, force: true });

process.stderr.write(`Starting on the ${config.profile} profile …\n`);
const carillon = await startCarillon({ config, logger: createLogger("warn", config.instance) });
const lines = (await readFile(here("messages.ndjson"), "utf8")).split("\n").filter((line) => line !== "");
process.stderr.write(`Sending ${lines.length} messages; one of them fails twice before it is delivered …\n\n`);

const ids = [];
for (const body of lines) {
  const response = await fetch(`${carillon.url}/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const answer = await response.json();
  if (response.status !== 202) throw new Error(JSON.stringify(answer));
  ids.push(answer.id);
}
for (const id of ids) {
  const document = await waitUntilFinal(carillon.stores.lineage, id);
  say(`${renderTimeline(viewOf(document), document.to)}\n`);
}
const outcomes = await Promise.all(ids.map((id) => carillon.stores.lineage.find(id)));
const count = (status) => outcomes.filter((document) => document?.status === status).length;
process.stdout.write(
  `${ids.length} messages: ${count("delivered")} delivered, ${count("failed")} failed for the reason in its timeline.\n`,
);
await carillon.stop();
