import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { addressOf } from "../../cli/remote/address.js";
import { unreachable } from "../../cli/remote/unreachable.js";
import { ownVersion } from "../../wire/own-version.js";
import { freePort } from "../servers/shell.js";
import { commandLine } from "../support/command-line.js";
import { answerJson, type HttpPeer, type PeerAnswer, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

const key = "a-key-that-nobody-prints";
let peer: HttpPeer | undefined;
afterEach(async () => {
  await peer?.stop();
  peer = undefined;
});

const lanesOf = async (answer: PeerAnswer) => {
  peer = await startHttpPeer(answer);
  return commandLine(["lanes", "--url", peer.url], { CARILLON_API_KEY: key });
};

const problem = (status: number, body: object, headers: Record<string, string> = {}): PeerAnswer =>
  answerJson(status, { type: "about:blank", title: "", status, ...body }, { "content-type": "application/problem+json", ...headers });

it.each<readonly [string, PeerAnswer, RegExp]>([
  ["a wrong key", problem(401, { detail: "the key is unknown" }), /rejected the key from the variable CARILLON_API_KEY/],
  ["another sign-in", (response) => response.writeHead(401, { "content-type": "text/html" }).end("<p>"), /not by Carillon/],
  [
    "a redirect",
    (response) => response.writeHead(302, { location: "https://login.carillon.test/" }).end(),
    /redirects to https:\/\/login\.carillon\.test\/ \(302\), and Carillon does not send the key there/,
  ],
  ["a page", (response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome"), /answered 200 with text\/html/],
  ["a proxy's page", (response) => response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad"), /answered 502 with text\/html/],
  ["a route that is not there", problem(404, {}), /has no route \/v1\/queues[\s\S]*another version/],
  ["another version", answerJson(200, { lanes: [] }, { "carillon-version": "99.0.0" }), /the server has version 99\.0\.0/],
  ["an unknown form", answerJson(200, { lanes: [] }), /Carillon never does for this request|form/],
  [
    "a problem of another version",
    problem(400, { detail: "no" }, { "carillon-version": "99.0.0" }),
    /no[\s\S]*the server has version 99\.0\.0/,
  ],
  ["too many wrong keys", problem(429, { detail: "too many failed authentications" }, { "retry-after": "7" }), /too many[\s\S]*wait 7 s/],
  ["a fault of the server", problem(500, { detail: "an internal error, which was logged", requestId: "r-1" }), /requestId r-1/],
  ["a connection that breaks", (response) => response.destroy(), /no answer from/],
])("reports %s, with its fix and without the key", async (_what, answer, words) => {
  const { stderr, stdout, status } = await lanesOf(answer);
  expect(stderr).toMatch(words);
  expect(stderr).toContain("fix:");
  expect(stderr + stdout).not.toContain(key);
  expect(status).toBe(1);
  expect(peer?.calls).toHaveLength(1);
  expect(peer?.calls[0]?.headers.authorization).toBe(`Bearer ${key}`);
});

it.each([
  [407, /the proxy requires an account[\s\S]*set it in HTTPS_PROXY: http:\/\/name:password@host:port/],
  [403, /the proxy opened no connection \(.*the proxy returned 403\)[\s\S]*check HTTPS_PROXY/],
])("reports a proxy that answers %i", (status, words) => {
  // the code of wire/proxy-tunnel.ts
  const refused = Object.assign(new Error(`the proxy returned ${status}`), { code: "EPROXY" });
  const { message, fix } = unreachable({ url: "https://carillon.test" }, new TypeError("fetch failed", { cause: refused }));
  expect(`${message}\n${fix}`).toMatch(words);
});

it.each([
  [404, "NOT_FOUND"],
  [409, "CONFIG_INVALID"],
])("names no field where the request as a whole is refused with %i", async (status, code) => {
  const errors = [{ field: "request", problem: "no provider is asked for receipts", fix: "see carillon providers" }];
  const { stderr } = await lanesOf(problem(status, { code, errors }, { "carillon-version": ownVersion() }));
  expect(stderr).toContain("✗ no provider is asked for receipts\n");
});

it("reports a server that is not there, and one that does not speak TLS", async () => {
  const nowhere = await commandLine(["lanes", "--url", `http://127.0.0.1:${await freePort()}`]);
  expect(nowhere.stderr).toContain("connection refused");
  peer = await startHttpPeer(answerJson(200, {}));
  const plain = await commandLine(["lanes", "--url", peer.url.replace("http:", "https:")]);
  expect(plain.stderr).toMatch(/it does not use TLS on this port \([A-Z_]+\)\n/);
  expect(plain.stderr).not.toContain("SSL routines");
});

it("blames a path in the address before the server's version", async () => {
  peer = await startHttpPeer(problem(404, {}));
  const { stderr } = await commandLine(["lanes", "--url", `${peer.url}/carillon`]);
  expect(stderr).toContain("has no route /v1/queues");
  expect(stderr).toContain(`the address contains the path /carillon: unless a proxy serves Carillon there, give ${peer.url}`);
  expect(stderr).not.toContain("another version");
});

it("names the option or file of a rejected key", async () => {
  const file = join(folder.path, "wrong-key");
  writeFileSync(file, key);
  peer = await startHttpPeer(problem(401, { detail: "the key is unknown" }));
  const own = ["lanes", "--url", peer.url];
  expect((await commandLine([...own, "--key-file", file])).stderr).toContain(`rejected the key from the file ${file} (--key-file)`);
  expect((await commandLine([...own, "--key", key])).stderr).toContain("rejected the key from --key\n");
});

it.each([
  [["--url", "http://carillon.test:8080"], "could read the key"],
  [["--url", "ftp://127.0.0.1"], "is not the address of a server"],
  [["--url", "https://me:secret-word@carillon.test"], "contains credentials"],
  [["--url", "https://carillon.test/?a=b"], "contains a query or a fragment"],
  [["--url", "https://carillon.test/v1"], "ends in /v1"],
  [["--url", "https://carillon.test/carillon/v1/"], "give it without /v1"],
  [["--url", ""], "is empty"],
  [["--key-file", "nowhere"], "is given without the address of a server"],
  [["--url", "http://127.0.0.1:1", "--key", "a b"], "contains no key"],
  [["--url", "http://127.0.0.1:1", "--key", "a\nb"], "contains more than one line"],
  [["--url", "http://127.0.0.1:1", "--key", "a", "--key-file", "b"], "✗ --key and --key-file are both given\n"],
  [["--url", "http://127.0.0.1:1"], "see also: carillon doctor --url http://127.0.0.1:1\n"],
  [["--url", "http://127.0.0.1:1", "--key-file", "/nowhere/key"], "cannot be read"],
])("refuses %j", async (args, words) => {
  const { stderr, status } = await commandLine(["lanes", ...args]);
  expect(stderr).toContain(words);
  expect(stderr).not.toContain("secret-word");
  expect(status).toBe(1);
});

it("takes address and key from options before the environment", () => {
  const file = join(folder.path, "key");
  writeFileSync(file, `${key}\n`);
  const environment = { CARILLON_URL: "https://one.test/carillon/", CARILLON_API_KEY: "other" };
  expect(addressOf({}, environment)).toEqual({
    url: "https://one.test/carillon",
    key: "other",
    isLocal: false,
    keyFrom: "the variable CARILLON_API_KEY",
  });
  expect(addressOf({ url: "http://[::1]:8080", keyFile: file }, environment)).toEqual({
    url: "http://[::1]:8080",
    key,
    keyFrom: `the file ${file} (--key-file)`,
    isLocal: true,
  });
  expect(addressOf({ url: "http://10.0.0.1", insecureHttp: true }, {})).toEqual({ url: "http://10.0.0.1", key: undefined, isLocal: false });
  expect(addressOf({}, { CARILLON_API_KEY: "other" })).toBeUndefined();
});
