import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { eventually } from "../support/eventually.js";
import { type Asked, createAsk } from "./ask.js";
import { apiKeys, asKey, keys, startWithRoutes } from "./walked-server.js";

interface Report {
  readonly imported: number;
  readonly failed: readonly { readonly line: number; readonly errors: readonly { readonly field: string }[] }[];
  readonly failedCount: number;
  readonly detail: string;
  readonly errors: readonly { readonly field: string }[];
}

describe("uploaded lists", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, bodyLimitBytes: 65_536, failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const ask = createAsk(() => carillon.url);
  const asTenant = (method: string, path: string, body?: object): Promise<Asked> => ask(keys.operations, method, path, body);
  const upload = async (path: string, type: string, body: string | Buffer, headers: object = {}) => {
    const response = await fetch(`${carillon.url}${path}`, {
      method: "POST",
      headers: { ...asKey(keys.operations), "content-type": type, ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
    const text = await response.text();
    return { status: response.status, text, report: () => JSON.parse(text) as Report };
  };
  const lines = (...values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

  it("of users are stored, and each invalid line is reported", async () => {
    const list = `${lines({ id: "u1", addresses: { email: "u1@example.com" } })}{ not JSON\n${lines({ id: "u2", addresses: { email: "no" } }, { id: "u3" })}`;
    const answer = await upload("/v1/users/import", "application/x-ndjson", list);
    expect(answer.status).toBe(200);
    expect(answer.report()).toMatchObject({
      imported: 2,
      failed: [
        { line: 2, errors: [{ field: "line" }] },
        { line: 3, errors: [{ field: "addresses.email" }] },
      ],
      failedCount: 2,
    });
    expect((await asTenant("GET", "/v1/users/u1")).body).toMatchObject({ addresses: { email: "u1@example.com" } });
    expect((await asTenant("GET", "/v1/users/u2")).status).toBe(404);
    expect((await asTenant("GET", "/v1/users/u3")).status).toBe(200);
  });

  it("are refused as a whole on request", async () => {
    const list = lines({ id: "w1" }, { id: "w2", locale: "no such" }, { id: "w3" });
    const answer = await upload("/v1/users/import?onError=refuse", "application/x-ndjson", list);
    expect(answer.status).toBe(400);
    expect(answer.report()).toMatchObject({ detail: "1 line is invalid, so nothing was stored", errors: [{ field: "line 2: locale" }] });
    expect((await asTenant("GET", "/v1/users/w1")).status).toBe(404);
    expect(
      (await upload("/v1/users/import?onError=refuse", "application/x-ndjson", lines({ id: "w1" }, { id: "w3" }))).report(),
    ).toMatchObject({ imported: 2 });
  });

  it("are longer than any other body", async () => {
    const list = lines(...Array.from({ length: 3_000 }, (_, index) => ({ id: `long-${index}`, attributes: { text: "x".repeat(50) } })));
    expect(list.length).toBeGreaterThan(200_000);
    expect((await upload("/v1/users/import", "application/x-ndjson", list)).report()).toMatchObject({ imported: 3_000, failedCount: 0 });
    expect((await asTenant("PUT", "/v1/users/long", { attributes: { text: "x".repeat(70_000) } })).status).toBe(413);
  });

  it("in CSV are exported in the same form", async () => {
    const csv = 'id,email,sms,attributes.plan\r\ncsv-1,"csv@example.com",+14155550101,pro\r\ncsv-2,,,\r\n';
    const query = "?tenant=acme";
    expect((await upload(`/v1/users/import${query}`, "text/csv; charset=utf-8", csv)).report()).toMatchObject({
      imported: 2,
      failedCount: 0,
    });
    const exported = await fetch(`${carillon.url}/v1/exports/users?format=csv`, { headers: asKey(keys.acme) });
    expect(exported.headers.get("content-disposition")).toContain("users.csv");
    const text = await exported.text();
    expect(text.split("\r\n")).toHaveLength(4);
    expect((await upload("/v1/users/import?tenant=other", "text/csv", text)).report()).toMatchObject({ imported: 2, failedCount: 0 });
    const [one, other] = await Promise.all(
      [keys.acme, keys.other].map(async (key) => (await fetch(`${carillon.url}/v1/exports/users`, { headers: asKey(key) })).text()),
    );
    expect(one).toContain('"plan":"pro"');
    expect(other).toBe(one);
    const continued = await fetch(`${carillon.url}/v1/exports/users?after=csv-1`, { headers: asKey(keys.acme) });
    expect((await continued.text()).trim().split("\n")).toHaveLength(1);
  });

  it("of members name unknown users by line", async () => {
    await asTenant("PUT", "/v1/groups/many", {});
    await upload("/v1/users/import", "application/x-ndjson", lines({ id: "g1" }, { id: "g2" }));
    const list = lines({ user: "g1" }, { user: "nobody" }, { user: "g2", channels: ["email"] });
    expect((await upload("/v1/groups/many/members", "application/x-ndjson", list)).report()).toMatchObject({
      imported: 2,
      failed: [{ line: 2, errors: [{ field: "user", problem: "is not a user of this tenant" }] }],
    });
    expect((await upload("/v1/groups/many/members", "text/csv", "user,channels\ng1,sms email\n")).report()).toMatchObject({ imported: 1 });
    expect((await asTenant("GET", "/v1/groups/many")).body).toMatchObject({ members: 2 });
    expect((await upload("/v1/groups/nowhere/members", "application/x-ndjson", list)).status).toBe(404);
  });

  it("of another kind are refused, with what was stored", async () => {
    expect(await upload("/v1/users/import", "text/csv", "id,shoe size\na,4\n")).toMatchObject({
      status: 400,
      text: expect.stringContaining("nothing was stored"),
    });
    expect((await upload("/v1/users/import", "application/json", "{}")).status).toBe(415);
    expect((await upload("/v1/users/import", "application/x-ndjson", "{}", { "content-encoding": "gzip" })).status).toBe(415);
    expect((await upload("/v1/users/import?onError=perhaps", "application/x-ndjson", lines({ id: "a" }))).status).toBe(400);
    expect((await upload("/v1/users/import", "application/x-ndjson", Buffer.from("\ufeff{}", "utf16le"))).status).toBe(400);
    expect((await upload("/v1/users/import", "application/x-ndjson", "")).report()).toEqual({ imported: 0, failed: [], failedCount: 0 });
    expect((await upload("/v1/messages", "application/x-ndjson", "{}")).status).toBe(415);
  });

  it("report their progress to a caller that follows it", async () => {
    const { hostname, port } = new URL(carillon.url ?? "");
    const answered = new Promise<readonly string[]>((resolve, reject) => {
      const headers = { ...asKey(keys.operations), "content-type": "application/x-ndjson", accept: "application/x-ndjson" };
      const sent = request({ hostname, port, method: "POST", path: "/v1/users/import", headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('"done":1000') && !sent.writableEnded) sent.end(lines({ id: "last" }));
        });
        response.once("end", () => resolve(text.split("\n").filter((line) => line !== "")));
      });
      sent.once("error", reject);
      sent.write(lines(...Array.from({ length: 1_001 }, (_, index) => ({ id: `follow-${index}` }))));
    });
    const seen = await answered;
    expect(JSON.parse(seen[0] ?? "")).toEqual({ progress: { done: 1_000 } });
    expect(JSON.parse(seen.at(-1) ?? "")).toEqual({ result: { imported: 1_002, failed: [], failedCount: 0 } });
  });

  it("that break off keep the lines that were stored", async () => {
    const { hostname, port } = new URL(carillon.url ?? "");
    const headers = { ...asKey(keys.operations), "content-type": "application/x-ndjson" };
    const sent = request({ hostname, port, method: "POST", path: "/v1/users/import", headers });
    sent.on("error", () => undefined);
    sent.write(`${lines(...Array.from({ length: 1_001 }, (_, index) => ({ id: `broken-${index}` })))}{"id":"bro`);
    await eventually(
      () => asTenant("GET", "/v1/users/broken-999"),
      ({ status }) => status === 200,
    );
    sent.destroy();
    expect((await asTenant("GET", "/v1/users?limit=1")).status).toBe(200);
  });
});
