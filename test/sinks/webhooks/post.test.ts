import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import { refusedAddress } from "../../../sinks/webhooks/address-guard.js";
import { createPoster } from "../../../sinks/webhooks/post.js";
import { eventually } from "../../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../../support/http-peer.js";

const everything = ["0.0.0.0/0", "::/0"];

describe("addresses that webhooks may call", () => {
  it.each(["8.8.8.8", "203.1.113.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])("%s is public: by https", (address) => {
    expect(refusedAddress(address, { allowed: [], plain: false })).toBeUndefined();
    expect(refusedAddress(address, { allowed: [], plain: true })).toMatch(/only over https/);
  });

  it.each([
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "240.0.0.1",
    "192.0.2.1",
    "::1",
    "fd00::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:a00:1::",
    "2002:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "fec0::1",
    "2001:db8::1",
    "::ffff:0:10.0.0.1",
    "2a00::5efe:a00:1",
    "::10.0.0.1",
    "100::1",
    "100:0:0:1::1",
    "4000::1",
    "e000::1",
    "1::1",
    "::1:7f00:1",
  ])("%s is not: it is refused", (address) => {
    expect(refusedAddress(address, { allowed: [], plain: false })).toMatch(/is not public/);
  });

  it.each([
    ["10.1.2.3", "10.0.0.0/8"],
    ["::ffff:10.1.2.3", "10.0.0.0/8"],
    ["64:ff9b::a01:203", "10.0.0.0/8"],
    ["127.0.0.1", "127.0.0.0/8"],
    ["fd12::5", "fd12::/16"],
    ["::1", "::1/128"],
  ])("%s is allowed by the range %s, also by http, and its neighbours are not", (address, range) => {
    expect(refusedAddress(address, { allowed: [range], plain: true })).toBeUndefined();
    expect(refusedAddress("192.168.1.1", { allowed: [range], plain: false })).toMatch(/is not public/);
  });

  it.each([
    "169.254.169.254",
    "2001:67c:2b0::a9fe:a9fe",
    "2001:db8:a9fe:a9fe::1",
    "2a00:1098:2c:1:a9:fea9:fe00:0",
    "2a00:1098:2b::6464:64c8",
    "169.254.0.1",
    "169.254.170.2",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:a9fe:a9:fe00::",
    "2002:a9fe:a9fe::",
    "2001:0:a9fe:a9fe::",
    "2001:0:4136:e378:8000:63bf:5601:5601",
    "::169.254.169.254",
    "::ffff:0:169.254.169.254",
    "2a00::5efe:169.254.169.254",
    "2a00::200:5efe:a9fe:a9fe",
    "fe80::1",
    "fe80::a9fe:a9fe%eth0",
    "febf::1",
    "[fe80::1]",
    "fd00:ec2::254",
    "FD00:0EC2::0254",
    "fd20:ce::254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
  ])("%s stays closed, whatever is allowed", (address) => {
    for (const allowed of [[], everything]) expect(refusedAddress(address, { allowed, plain: false })).toMatch(/blocked for webhooks/);
  });

  it.each(["", "localhost", "1.2.3.4.5", "::g"])("%j is no address", (text) => {
    expect(refusedAddress(text, { allowed: everything, plain: false })).toBe("is not an IP address");
  });
});

describe("a webhook's call", () => {
  let peer: HttpPeer;
  const signal = AbortSignal.timeout(30_000);
  beforeAll(async () => {
    peer = await startHttpPeer(answerJson(200, {}));
  });
  beforeEach(() => {
    peer.calls.length = 0;
    peer.answers(answerJson(200, {}));
  });
  afterAll(() => peer.stop());
  const port = () => new URL(peer.url).port;
  /** Names with their simulated DNS answers. */
  const names: Readonly<Record<string, readonly string[]>> = {
    "hook.test": ["127.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "both.test": ["127.0.0.1", "169.254.169.254"],
    "public.test": ["8.8.8.8"],
  };
  const resolve = ((host: string, _options: unknown, callback: (error: Error | null, found: unknown) => void) =>
    callback(
      null,
      (names[host] ?? []).map((address) => ({ address, family: 4 })),
    )) as never;

  it("goes to no private address, whatever its name resolves to", async () => {
    const strict = createPoster([], resolve);
    const urls = [
      peer.url,
      `http://localhost:${port()}/`,
      `http://2130706433:${port()}/`,
      `http://0x7f.1:${port()}/`,
      "http://169.254.169.254/latest/meta-data",
      "https://169.254.169.254/latest/meta-data",
      "http://[::1]:80/",
      "http://[::ffff:169.254.169.254]/",
      "https://[fd00:ec2::254]/",
      "http://10.0.0.1/",
      "http://0.0.0.0/",
      "https://hook.test/",
      "https://both.test/",
      "http://public.test/",
    ];
    for (const url of urls.filter((one) => !one.includes("localhost")))
      await expect(strict.post(url, {}, "{}", signal), url).rejects.toThrow(/not allowed/);
    await expect(createPoster([]).post(`https://localhost:${port()}/`, {}, "{}", signal)).rejects.toThrow(/not allowed/);
    expect(peer.calls).toEqual([]);
    strict.close();
  });

  it("goes to allowed ranges by http, not to metadata next to them, and follows no redirect", async () => {
    const open = createPoster(["127.0.0.0/8"], resolve);
    peer.answers((response) => response.writeHead(302, { location: "http://169.254.169.254/secret" }).end());
    expect(await open.post(`http://hook.test:${port()}/a?b=1`, { "webhook-id": "w" }, "{}", signal)).toEqual({
      status: 302,
      retryAfter: null,
      redirectsTo: "169.254.169.254",
    });
    expect(peer.calls).toMatchObject([
      { method: "POST", url: "/a?b=1", headers: { host: `hook.test:${port()}`, "webhook-id": "w" }, body: "{}" },
    ]);
    for (const url of ["http://metadata.test/", "http://both.test/", "http://169.254.169.254/"])
      await expect(open.post(url, {}, "{}", signal), url).rejects.toThrow(/blocked for webhooks/);
    await expect(open.post("ftp://carillon.test/", {}, "{}", signal)).rejects.toThrow("ftp:");
    expect(peer.calls).toHaveLength(1);
    open.close();
  });

  it("that is answered by another protocol, or by no answer, fails at once", async () => {
    const open = createPoster(["127.0.0.0/8"]);
    peer.answers((response) => response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"));
    expect(await open.post(peer.url, {}, "{}", AbortSignal.timeout(5_000))).toMatchObject({ status: 101 });
    peer.answers((response) => response.socket?.destroy());
    await expect(open.post(peer.url, {}, "{}", AbortSignal.timeout(5_000))).rejects.toThrow();
    peer.answers(() => undefined);
    await expect(open.post(peer.url, {}, "{}", AbortSignal.timeout(100))).rejects.toThrow("aborted");
    open.close();
  });

  it.each([
    ["long", (response: ServerResponse) => void response.write(" ".repeat(1_000_000))],
    ["slow", (response: ServerResponse) => void response.write(" ")],
  ])("reads no %s body to its end: the connection is closed", async (_, write) => {
    const open = createPoster(["127.0.0.0/8"]);
    let closed = false;
    peer.answers((response) => {
      response.on("close", () => {
        closed = true;
      });
      response.writeHead(200);
      write(response);
    });
    expect(await open.post(peer.url, {}, "{}", signal)).toMatchObject({ status: 200 });
    await eventually(
      async () => closed,
      (is) => is,
    );
    open.close();
  });

  const secret = `whsec_${Buffer.from("a secret of 32 bytes for a test!").toString("base64")}`;
  const problemsOf = (webhooks: object): string => {
    try {
      loadConfig({ environment: {}, overrides: { webhooks } });
      return "";
    } catch (error) {
      return String(error);
    }
  };
  const tenant = (url: string, more: object = {}) => ({ tenants: { acme: { url, secret, ...more } } });

  it("is checked with the configuration, as far as that is possible", () => {
    expect(problemsOf(tenant("https://acme.test/"))).toBe("");
    expect(problemsOf(tenant("http://acme.test/"))).toContain("webhooks.tenants.acme.url: is not https");
    expect(problemsOf(tenant("https://10.0.0.1/"))).toContain("webhooks.tenants.acme.url: is not public");
    expect(problemsOf({ ...tenant("http://10.0.0.1/"), allowAddresses: ["10.0.0.0/8"] })).toBe("");
    expect(problemsOf({ ...tenant("http://169.254.169.254/"), allowAddresses: ["0.0.0.0/0"] })).toContain("blocked for webhooks");
    expect(problemsOf({ ...tenant("https://acme.test/"), allowAddresses: ["10.0.0.1"] })).toContain("webhooks.allowAddresses.0");
    expect(problemsOf({ allowPrivate: true })).toContain("webhooks.allowPrivate: unknown key: list the private ranges");
    expect(problemsOf(tenant("https://acme.test/", { secret: [secret, secret] }))).toContain("lists the same secret twice");
    expect(problemsOf(tenant("https://acme.test/", { secret: [secret, "whsec_c2hvcnQ="] }))).toContain("is not whsec_ and 24 to 64 bytes");
    expect(problemsOf(tenant("https://acme.test/", { secret: [] }))).toContain("webhooks.tenants.acme.secret");
  });
});
