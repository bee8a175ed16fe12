import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPoster } from "../../sinks/webhooks/post.js";
import { openTunnel } from "../../wire/proxy-tunnel.js";
import { commandTo, sendContext } from "../support/commands.js";
import { eventually } from "../support/eventually.js";
import { startHttpProxy } from "../support/http-proxy.js";
import { createProvider } from "../support/providers.js";

type Answer = (socket: Socket) => void;

const silent: Answer = () => undefined;
const hangsUp: Answer = (socket) => socket.destroy();
const junk: Answer = (socket) => socket.write("SSH-2.0-proxy\r\n\r\n");
const endless: Answer = (socket) => {
  const more = setInterval(() => socket.write(`x: ${"y".repeat(4_000)}\r\n`), 1);
  socket.on("close", () => clearInterval(more));
};

const touched = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_TLS_REJECT_UNAUTHORIZED"].flatMap((name) => [name, name.toLowerCase()]);
const saved = touched.map((name) => [name, process.env[name]] as const);

const useProxy = (url: string): void => {
  for (const name of touched) delete process.env[name];
  process.env.HTTP_PROXY = url;
  process.env.HTTPS_PROXY = url;
};

afterEach(() => {
  for (const [name, value] of saved) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe("a proxy that opens no tunnel", () => {
  let server: Server;
  let answer: Answer = silent;
  let connections = 0;
  const open = new Set<Socket>();
  beforeEach(async () => {
    connections = 0;
    server = createTcpServer((socket) => {
      connections += 1;
      open.add(socket);
      socket.on("error", () => undefined).on("close", () => open.delete(socket));
      socket.once("data", () => answer(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    useProxy(`http://127.0.0.1:${portOf(server)}`);
  });
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ["hangs up", hangsUp, "closed the connection"],
    ["is no proxy", junk, "does not respond like an HTTP proxy"],
    ["answers without end", endless, "response is too long"],
  ])("%s: a provider's call tries once, and has sent nothing", async (_, behaviour, problem) => {
    answer = behaviour;
    const provider = await createProvider("http", "sms", { url: "https://provider.test/" });
    const outcome = await provider.send(commandTo("sms", "+14155550100"), sendContext);
    expect(outcome).toMatchObject({ kind: "temporary_failure", detail: expect.stringContaining(problem) });
    expect(connections).toBe(1);
    await eventually(
      async () => open.size,
      (size) => size === 0,
    );
  });

  it.each([
    ["stays silent", silent],
    ["hangs up", hangsUp],
    ["answers without end", endless],
  ])("%s: a webhook's call fails by its deadline", async (_, behaviour) => {
    answer = behaviour;
    const poster = createPoster(["127.0.0.0/8"]);
    const begin = Date.now();
    for (const url of ["http://127.0.0.1:9/", "https://127.0.0.1:9/"])
      await expect(poster.post(url, {}, "{}", AbortSignal.timeout(300))).rejects.toThrow();
    expect(Date.now() - begin).toBeLessThan(3_000);
    poster.close();
  });

  it("stays silent: nothing is left open after the deadline", async () => {
    answer = silent;
    await expect(openTunnel(new URL(process.env.HTTPS_PROXY ?? ""), "::1", 443, 100)).rejects.toMatchObject({
      code: "EPROXY",
      message: expect.stringContaining("within 100 ms"),
    });
    await eventually(
      async () => open.size,
      (size) => size === 0,
    );
  });
});

describe("a tunnel", () => {
  const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`../sources/callbacks/fixtures/${name}`, import.meta.url)));
  it("carries the TLS of providers and webhooks, and certificates are checked", async () => {
    const answer = JSON.stringify({ id: "1" });
    const secure = createServer({ key: fixture("test-only-key.pem"), cert: fixture("test-only-certificate.pem") }, (request, response) =>
      request.resume().on("end", () => response.end(answer)),
    );
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const proxy = await startHttpProxy();
    useProxy(proxy.url);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // the fixture is self-signed
    const url = `https://127.0.0.1:${portOf(secure)}/`;
    const provider = await createProvider("http", "sms", { url });
    for (let call = 0; call < 2; call += 1)
      expect(await provider.send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({
        kind: "delivered",
        providerMessageId: "1",
      });
    const poster = createPoster(["127.0.0.0/8"]);
    expect(await poster.post(url, {}, "{}", AbortSignal.timeout(5_000))).toMatchObject({ status: 200 });
    expect([...new Set(proxy.asked)]).toEqual([`CONNECT 127.0.0.1:${portOf(secure)}`]);
    poster.close();
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    const strict = createPoster(["127.0.0.0/8"]);
    await expect(strict.post(url, {}, "{}", AbortSignal.timeout(5_000))).rejects.toThrow("self-signed certificate");
    strict.close();
    secure.closeAllConnections();
    await Promise.all([proxy.stop(), new Promise((resolve) => secure.close(resolve))]);
  });
});
