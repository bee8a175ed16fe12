import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandReach } from "../../cli/command-reach.js";
import { leavesOf, wordsOf } from "../../cli/command-tree.js";
import { createProgram } from "../../cli/main.js";
import { commandLine } from "../support/command-line.js";
import { type Remote, serverKeys, startRemote } from "../support/remote.js";
import { remoteExamples } from "./remote-examples.js";

let remote: Remote;
beforeAll(async () => {
  remote = await startRemote();
});
afterAll(() => remote.stop());

/** Commands without --json: the server, and two whose output has a form of its own. */
const withoutJson: readonly string[] = ["start", "topology", "config print", "users export"];

const examples = remoteExamples(() => remote);

const anywhere = Object.entries(commandReach).flatMap(([words, reach]) => (reach.where === "anywhere" ? [[words, reach] as const] : []));

describe("every command", () => {
  it("declares whether it works on a server, and is tried here if it does", async () => {
    const words = leavesOf(await createProgram()).map(wordsOf);
    expect(words.sort()).toEqual(Object.keys(commandReach).sort());
    expect(Object.keys(examples).sort()).toEqual(anywhere.map(([name]) => name).sort());
  });

  it("has --json, unless its output has a form of its own", async () => {
    const without = leavesOf(await createProgram()).filter(({ options }) => !options.some(({ long }) => long === "--json"));
    expect(without.map(wordsOf).sort()).toEqual([...withoutJson].sort());
  });

  it.each(anywhere)("%s declares routes that the server has, for those whom it says", (_words, { access, routes: declared }) => {
    const found = declared.map((route) => remote.routes.get(route));
    expect(declared.filter((_, index) => found[index] === undefined)).toEqual([]);
    if (access === "tenant") expect(new Set(found)).toEqual(new Set(["tenant"]));
    else expect(found).toContain("operator");
  });

  it.each(Object.entries(examples))("%s works on a server", async (_words, exampleOf) => {
    const [args, shows, status = 0] = exampleOf();
    const { stdout, stderr, status: ended } = await remote.onServer(args);
    expect(stdout, stderr).toMatch(shows);
    expect(ended, stderr).toBe(status);
    expect(stdout + stderr).not.toContain(serverKeys.operator);
  });

  it("import refuses a line that is nested too deeply, and that line alone", async () => {
    const line = JSON.stringify({ channel: "push", to: "device-success", content: { text: "Hi" } });
    const deep = `${line.slice(0, -1)},"variables":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`;
    const file = join(remote.folder, "deep.ndjson");
    writeFileSync(file, `${line}\n${deep}\n${line}\n`);
    const { stdout, stderr } = await remote.onServer(["import", file]);
    expect(stdout).toMatch(/^2 accepted .* 1 refused/);
    expect(stderr).toContain("line 2: body is nested too deeply");
  });

  it.each(anywhere.filter(([, { access }]) => access === "operator"))("%s reports what the key lacks", async (words) => {
    const [args] = examples[words]?.() ?? [[]];
    const { stderr, status } = await remote.onServer(args, serverKeys.sender);
    expect(stderr).toContain(`carillon ${words} needs an operator's key: the key lacks the scope operate\n`);
    expect(stderr).toMatch(/fix: give an operator's key .* with role: operator/);
    expect(status).toBe(1);
  });

  it.each(Object.entries(examples).filter(([words]) => !withoutJson.includes(words)))(
    "%s prints nothing but JSON with --json",
    async (_words, exampleOf) => {
      const [args, , status = 0] = exampleOf();
      const { stdout, stderr } = await remote.onServer([...args, "--json"]);
      if (status === 0 || stdout !== "") expect(() => JSON.parse(stdout), stdout + stderr).not.toThrow();
    },
  );

  it.each(Object.entries(commandReach).filter(([, reach]) => reach.where === "here" && !reach.takesUrl))(
    "%s refuses --url, and says why",
    async (words) => {
      const more = words === "backup" || words === "restore" ? [join(remote.folder, "file")] : [];
      const { stderr, status } = await commandLine([...words.split(" "), ...more, "--url", remote.url]);
      expect(stderr).toContain(`carillon ${words} runs only on the machine of the server: `);
      expect(status).toBe(1);
    },
  );
});

describe("a command on a server", () => {
  it("sends as the tenant of its key, and may not send as another", async () => {
    const message = ["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi"];
    const own = (await remote.onServer(message, serverKeys.sender)).stdout.trim();
    expect(JSON.parse((await remote.onServer(["status", own, "--json"])).stdout)).toMatchObject({ tenant: "acme" });
    const foreign = await remote.onServer([...message, "--tenant", "other"], serverKeys.sender);
    expect(foreign.stderr).toContain("the key belongs to the tenant acme");
    expect(foreign.status).toBe(1);
    const seen = await remote.onServer(["status", own], null);
    expect(seen.stderr).toContain("requires a key");
  });

  it("names each wrong field of a message, with its fix", async () => {
    const { status, stderr } = await remote.onServer(["send", "--channel", "sms", "--to", "nobody", "--lane", "urgent", "--text", ""]);
    expect(status).toBe(1);
    expect(stderr).toContain("the message is invalid:");
    expect(stderr).toContain("to is not a phone number in E.164 form:");
    expect(stderr).toContain("content.text is missing:");
  });

  it("reports an idempotency key that stands for other content", async () => {
    const send = (text: string) =>
      remote.onServer(["send", "--channel", "sms", "--to", "+14155550100", "--idempotency-key", "remote-1", "--text", text]);
    expect((await send("one")).status).toBe(0);
    expect((await send("two")).stderr).toContain("idempotencyKey: was already used with different content");
  });

  it("refuses a filter before it makes a file", async () => {
    const out = join(remote.folder, "refused.csv");
    const { stderr, status } = await remote.onServer(["reports", "export", "messages_email", "--filter", '{"$where":"1"}', "--out", out]);
    expect(stderr).toContain("$where");
    expect(status).toBe(1);
    expect(() => readFileSync(`${out}.part`)).toThrow();
  });

  it("says that there is no such message, or dead letter", async () => {
    expect((await remote.onServer(["status", "nothing"])).stderr).toContain("no message has the id nothing");
    expect((await remote.onServer(["dead-letters", "show", "nothing"])).stderr).toContain("no dead letter has the id nothing");
    expect((await remote.onServer(["webhooks", "enable", "nobody"])).stderr).toContain("the tenant nobody has no webhook");
  });

  it("notes that CARILLON_URL is ignored where a command is local", async () => {
    const { stdout, stderr } = await remote.onServer(["config", "print", "--defaults"]);
    expect(stderr).toContain("CARILLON_URL is ignored");
    expect(stdout).toContain("# delay after");
  });
});
