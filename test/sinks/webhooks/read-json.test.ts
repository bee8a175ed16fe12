import { afterAll, beforeAll, expect, it } from "vitest";
import { createJsonReader, type JsonReader } from "../../../sinks/webhooks/read-json.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../../support/http-peer.js";

let peer: HttpPeer;
let reader: JsonReader;
beforeAll(async () => {
  peer = await startHttpPeer(answerJson(200, { keys: [] }));
  reader = createJsonReader(["127.0.0.0/8"]);
});
afterAll(async () => {
  reader.close();
  await peer.stop();
});

const read = (url: string, from = reader): Promise<unknown> => from.read(url, AbortSignal.timeout(10_000));

it("reads JSON from an allowed address", async () => {
  expect(await read(`${peer.url}/keys?a=1`)).toEqual({ keys: [] });
  expect(peer.calls).toMatchObject([{ method: "GET", url: "/keys?a=1", headers: { accept: "application/json" } }]);
});

it("calls no private address, and follows no redirect", async () => {
  const strict = createJsonReader([]);
  await expect(read(peer.url, strict)).rejects.toThrow("is not allowed");
  await expect(read("ftp://127.0.0.1/")).rejects.toThrow("neither http: nor https:");
  strict.close();
  peer.answers((response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end());
  await expect(read(peer.url)).rejects.toThrow("302");
});

it("refuses what is no JSON, or too long, and ends once its signal aborts", async () => {
  peer.answers((response) => void response.end("<html>"));
  await expect(read(peer.url)).rejects.toThrow("JSON");
  peer.answers((response) => void response.end(`"${"x".repeat(300_000)}"`));
  await expect(read(peer.url)).rejects.toThrow("more than 262144 bytes");
  for (const answer of [() => undefined, (response: { write(text: string): unknown }) => void response.write("{")]) {
    peer.answers(answer as never);
    const aborted = new AbortController();
    const asked = peer.calls.length;
    const reading = reader.read(peer.url, aborted.signal);
    await expect.poll(() => peer.calls.length).toBeGreaterThan(asked);
    aborted.abort();
    await expect(reading).rejects.toThrow();
  }
});
