import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ended } from "../support/command-line.js";
import { deliveredTo, letterId, type Remote, startRemote } from "../support/remote.js";

let remote: Remote;
beforeAll(async () => {
  remote = await startRemote();
});
afterAll(() => remote.stop());

const day = ["--from", "-300d"];

/** Given on the server first, then on its stores once it has stopped. */
const compared: readonly (readonly [words: string, args: () => readonly string[]])[] = [
  ["status", () => ["status", remote.id, "--json"]],
  ["status in text", () => ["status", remote.id]],
  ["why", () => ["why", deliveredTo, "--json"]],
  ["outbox", () => ["outbox", "email", "--json"]],
  ["topology", () => ["topology", "--format", "json"]],
  ["dead-letters list", () => ["dead-letters", "list", "--all", "--json"]],
  ["dead-letters show", () => ["dead-letters", "show", letterId, "--json"]],
  ["reports summary", () => ["reports", "summary", ...day, "--by", "channel", "--channel", "email", "--json"]],
  ["keys list", () => ["keys", "list"]],
  ["webhooks list", () => ["webhooks", "list"]],
];
const formats = ["csv", "ndjson", "parquet"];

describe("on the server as on its stores", () => {
  const seen = new Map<string, Ended>();
  const exportOf = (where: string, format: string): readonly string[] => {
    const file = join(remote.folder, `${where}.${format}`);
    return ["reports", "export", "messages_email", "--format", format, "--filter", `{"_id":"${remote.id}"}`, "--out", file];
  };
  beforeAll(async () => {
    for (const [words, args] of compared) seen.set(words, await remote.onServer(args()));
    for (const format of formats) seen.set(format, await remote.onServer(exportOf("remote", format)));
    await remote.stopServer();
  });

  it.each(compared)("%s prints the same", async (words, args) => {
    const local = await remote.onStores(args());
    expect(seen.get(words)?.stderr).toBe("");
    expect(seen.get(words)?.stdout).toBe(local.stdout);
    expect(local.stdout.length).toBeGreaterThan(2);
  });

  it.each(formats)("an export as %s is the same file", async (format) => {
    expect((await remote.onStores(exportOf("local", format))).stdout).toContain("1 row in");
    expect(seen.get(format)?.stdout).toContain("1 row in");
    expect(readFileSync(join(remote.folder, `remote.${format}`)).equals(readFileSync(join(remote.folder, `local.${format}`)))).toBe(true);
  });

  it("reports at once that nothing runs on the data folder", async () => {
    const message = ["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi"];
    const waited = await remote.onStores([...message, "--wait"]);
    expect(waited.stderr).toContain(`no Carillon process runs on ${remote.dataDir}`);
    expect(waited.status).toBe(1);
    const sent = await remote.onStores(message);
    expect(sent.stderr).toContain("the message is delivered once one starts");
    expect(sent.status).toBe(0);
  });
});
