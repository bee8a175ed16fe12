import { afterAll, afterEach, expect, it, vi } from "vitest";
import { assertReach } from "../../cli/command-tree.js";
import { createProgram } from "../../cli/main.js";
import { addressOf } from "../../cli/remote/address.js";
import { lookAtServer } from "../../cli/remote/look-at-server.js";
import { freePort } from "../servers/shell.js";
import { answerJson, startHttpPeer } from "../support/http-peer.js";

const look = (url: string) => {
  const address = addressOf({ url }, {});
  if (!address) throw new Error("no address");
  return lookAtServer(address);
};

afterEach(() => vi.restoreAllMocks());

it("says that it does not use CARILLON_URL", async () => {
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const [doctor] = (await createProgram(["doctor"])).commands;
  if (!doctor) throw new Error("no command doctor");
  assertReach(doctor, {});
  expect(text).toBe("");
  assertReach(doctor, { CARILLON_URL: "http://127.0.0.1:1" });
  expect(text).toContain("CARILLON_URL is ignored: carillon doctor checks a server only with --url");
});

it("asks for readiness under the path of the address", async () => {
  const peer = await startHttpPeer(answerJson(200, {}));
  afterAll(() => peer.stop());
  expect(await look(`${peer.url}/carillon/`)).toMatchObject({ ok: true, found: `${peer.url}/carillon is ready` });
  expect(peer.calls[0]?.url).toBe("/carillon/readyz");
  peer.answers(answerJson(503, { status: "draining" }));
  expect(await look(peer.url)).toMatchObject({ ok: false, found: expect.stringContaining("answered 503: ") });
});

it.each([1, 0])("reports a server that is not there as other commands do", async (port) => {
  const { ok, found, fix } = await look(`http://127.0.0.1:${port || (await freePort())}`);
  expect(ok).toBe(false);
  expect(found).toMatch(/^no answer from http.*: connection refused/);
  expect(fix).toContain("start the server");
});
