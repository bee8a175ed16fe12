import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());
const good = { channel: "email", to: "success@sandbox.carillon.test", content: { subject: "Hello", text: "Hi" } };

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly errors: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
}

describe("bodies over HTTP", () => {
  let carillon: Carillon;
  beforeAll(async () => {
    const templates = { order: { email: { subject: "Order", text: "{% for item in items %}{{ item.name }};{% endfor %}" } } };
    const config = loadConfig({ environment: {}, overrides: { dataDir: join(folder.path, "http"), http: { port: 0 }, templates } });
    carillon = await startCarillon({ config, logger: createLogger("error", "test") });
  });
  afterAll(() => carillon.stop());
  const post = (body: string | Buffer | object, path = "/v1/messages"): Promise<Response> =>
    fetch(`${carillon.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" || Buffer.isBuffer(body) ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
    });
  const refused = async (body: string | Buffer | object): Promise<string[]> => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    return ((await response.json()) as Problem).errors.map(({ field }) => field);
  };
  /** JSON with a byte that is not UTF-8 instead of each @@. */
  const latin = (input: object): Buffer => Buffer.from(JSON.stringify(input).replaceAll("@@", "\xe9"), "latin1");

  it("that are not UTF-8 are refused, naming the field", async () => {
    expect(await refused(latin({ ...good, content: { subject: "caf@@", text: "Hi" } }))).toEqual(["content.subject"]);
    expect(await refused(latin({ ...good, metadata: { "caf@@": "x" } }))).toEqual(["metadata"]);
    expect(await refused(latin({ ...good, idempotencyKey: "@@" }))).toEqual(["idempotencyKey"]);
  });

  it("with half of a surrogate pair are refused, naming the field", async () => {
    const escaped = (input: object): string => JSON.stringify(input).replaceAll("@@", "\\ud83d");
    expect(await refused(escaped({ ...good, idempotencyKey: "@@" }))).toEqual(["idempotencyKey"]);
    expect(await refused(escaped({ ...good, metadata: { "@@": "x" } }))).toEqual(["metadata"]);
    expect(await refused(escaped({ ...good, content: { subject: "s", text: "x@@y" } }))).toEqual(["content.text"]);
    expect((await post(escaped({ ...good, content: { subject: "s", text: "@@\\ude00" } }))).status).toBe(400);
    expect((await post({ ...good, content: { subject: "s", text: "😀" } })).status).toBe(202);
  });

  it("that are no JSON, or not UTF-8 outside of any text, are refused", async () => {
    expect((await post(Buffer.from([0x7b, 0xff, 0x7d]))).status).toBe(400);
    expect(await refused('{"channel":"email","metadata":{"__proto__":"x"}}')).toEqual(["metadata.__proto__"]);
    expect(await (await post('{"channel":"email","constructor":{"prototype":1}}')).json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining("prototype within constructor"),
      errors: [{ field: "constructor.prototype", problem: "is a forbidden field name", fix: "choose another name" }],
    });
    expect(await refused('{"metadata":{"a":[{"constructor":{"prototype":1}}]}}')).toEqual(["metadata.a.0.constructor.prototype"]);
    expect(await refused(`${'{"a":'.repeat(300)}{"constructor":{"prototype":1}}${"}".repeat(300)}`)).toEqual(["body"]);
  });

  it.each([
    ["empty", "", "is empty", "send a JSON object"],
    ["malformed", '{"channel":', "is not JSON", "send one JSON object in UTF-8"],
  ])("that are %s are refused, naming the body", async (_, body, problem, fix) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: `the body ${problem}: ${fix}`, errors: [{ field: "body", problem, fix }] });
  });

  it.each([
    ["null", "is null, not an object"],
    ["[]", "is a list, not an object"],
    ["7", "is a number, not an object"],
  ])("that are %s are refused in the same words as in files and by the client", async (body, problem) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const finding = { field: "message", problem, fix: "give an object with channel, to, and content or template" };
    expect(((await response.json()) as Problem).errors).toEqual([expect.objectContaining(finding)]);
    expect(checkMessage(JSON.parse(body)).errors).toEqual([expect.objectContaining(finding)]);
  });

  it("that are packed are refused, naming the header", async () => {
    for (const coding of ["gzip", "br", "gzip, identity"]) {
      const headers = { "content-type": "application/json", "content-encoding": coding };
      const response = await fetch(`${carillon.url}/v1/messages`, { method: "POST", headers, body: gzipSync(JSON.stringify(good)) });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining("without Content-Encoding") });
    }
    const headers = { "content-type": "application/json", "content-encoding": "identity" };
    expect((await fetch(`${carillon.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(good) })).status).toBe(202);
  });

  it("with times in seconds are refused, and with times that have passed warned of", async () => {
    expect(await refused({ ...good, notBefore: 1_893_456_000 })).toEqual(["notBefore"]);
    expect(await refused({ ...good, expiresAt: 1_893_456_000 })).toEqual(["expiresAt"]);
    const response = await post({ ...good, notBefore: "2020-01-01T00:00:00Z" });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ warnings: [{ field: "notBefore" }] });
  });

  it("may hold lists and maps for the template", async () => {
    const response = await post({ ...good, content: {}, template: "order", variables: { items: [{ name: "Tea" }, { name: "Milk" }] } });
    const { id } = (await response.json()) as { id: string };
    const latest = (): Promise<{ messageId: string; content: { text: string } }[]> => carillon.assembly.outbox.latest("email", 50) as never;
    const sent = await eventually(latest, (all) => all.some(({ messageId }) => messageId === id), 10_000);
    expect(sent.find(({ messageId }) => messageId === id)?.content.text).toBe("Tea;Milk;");
  });

  it("with one idempotency key are answered with the first id, and with 409 where they ask for something else", async () => {
    const keyed = { ...good, idempotencyKey: "order-1", metadata: { a: "1", b: "2" } };
    const first = (await (await post(keyed)).json()) as { id: string };
    const again = await post({ lane: "normal", ...keyed, metadata: { b: "2", a: "1" } });
    expect(again.status).toBe(202);
    expect(await again.json()).toMatchObject({ id: first.id });
    for (const more of [
      { to: "delivered@sandbox.carillon.test" },
      { content: { subject: "Hello", text: "Another" } },
      { channel: "sms", to: "+14155550100", content: { text: "Hi" } },
      { lane: "high" },
    ]) {
      const response = await post({ ...keyed, ...more });
      expect(response.status).toBe(409);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      const problem = (await response.json()) as Problem;
      expect(problem).toMatchObject({ status: 409, title: "Conflict" });
      expect(problem.errors.map(({ field }) => field)).toEqual(["idempotencyKey"]);
    }
    // another tenant's key is a different key
    expect((await post({ ...keyed, tenant: "other", content: { subject: "Hello", text: "Another" } })).status).toBe(202);
  });

  it("with one idempotency key that come at once are one message, and others conflict with it", async () => {
    const keyed = (text: string) => ({ ...good, idempotencyKey: "order-2", content: { subject: "Hello", text } });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => post(keyed(index % 2 === 0 ? "one" : "other"))));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    const ids = await Promise.all(
      answers.filter(({ status }) => status === 202).map(async (answer) => ((await answer.json()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it("that failed their checks leave the key to the corrected one", async () => {
    expect(await refused({ ...good, to: "nobody", idempotencyKey: "order-3" })).toEqual(["to"]);
    expect((await post({ ...good, idempotencyKey: "order-3" })).status).toBe(202);
  });
});

describe("carillon import", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  it("refuses lines that are not UTF-8 and keys that stand for other content, by number, and takes the rest", () => {
    const file = join(folder.path, "messages.ndjson");
    const line = (more: object): string => JSON.stringify({ ...good, ...more });
    const text = [
      line({}),
      line({ metadata: { a: "caf@@" } }),
      line({ idempotencyKey: "k" }),
      line({ idempotencyKey: "k", lane: "high" }),
      line({}),
    ];
    writeFileSync(file, Buffer.from(text.join("\r\n").replaceAll("@@", "\xe9"), "latin1"));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/carillon.js", "import", file], {
      cwd: root,
      env: { PATH: process.env.PATH ?? "", NO_COLOR: "1", CARILLON_DATA_DIR: join(folder.path, "import") },
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(stderr).toContain("line 2: metadata.a is not well-formed Unicode");
    expect(stderr).toContain("line 4: idempotencyKey was already used with different content");
    expect(stdout).toMatch(/3 accepted in .* 2 refused/);
    expect(status).toBe(1);
  });
});
