import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { diagnostics } from "../../engine/diagnostics.js";
import { startTracing } from "../../operations/telemetry/tracing.js";
import { loadConfig } from "../../service/load-config.js";
import { createPoster } from "../../sinks/webhooks/post.js";
import { proxyFor } from "../../wire/proxy-environment.js";
import { commandTo, sendContext } from "../support/commands.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { type HttpProxy, startHttpProxy } from "../support/http-proxy.js";
import { bareTools, createProvider } from "../support/providers.js";

describe("the proxy of an address", () => {
  const both = { HTTP_PROXY: "http://plain:3128", HTTPS_PROXY: "http://secure:3128" };
  const hostOf = (url: string, environment: Readonly<Record<string, string>>) => proxyFor(new URL(url), environment)?.host;

  it("is chosen by protocol, small letters first", () => {
    expect(hostOf("http://a.test/", both)).toBe("plain:3128");
    expect(hostOf("https://a.test/", both)).toBe("secure:3128");
    expect(hostOf("https://a.test/", { HTTP_PROXY: "http://plain:3128" })).toBeUndefined();
    expect(hostOf("http://a.test/", { ...both, http_proxy: "http://small:1" })).toBe("small:1");
    expect(hostOf("http://a.test/", { ...both, http_proxy: "" })).toBeUndefined();
    expect(hostOf("http://a.test/", { HTTP_PROXY: "bare:3128" })).toBe("bare:3128");
    expect(hostOf("http://a.test/", {})).toBeUndefined();
  });

  it.each([
    ["https://a.test/", "*", false],
    ["https://a.test/", "a.test", false],
    ["https://A.TEST./", "a.test", false],
    ["https://b.a.test/", "a.test", false],
    ["https://b.a.test/", ".a.test", false],
    ["https://b.a.test/", "*.a.test", false],
    ["https://ba.test/", "a.test", true],
    ["https://a.test.evil/", "a.test", true],
    ["https://a.test/", "x.test, a.test", false],
    ["https://a.test/", "x.test a.test", false],
    ["https://a.test/", ",,a.test,", false],
    ["https://a.test/", "a.test:443", false],
    ["https://a.test/", "a.test:8443", true],
    ["https://a.test:8443/", "a.test:8443", false],
    ["https://10.1.2.3/", "10.0.0.0/8", false],
    ["https://11.1.2.3/", "10.0.0.0/8", true],
    ["https://10.1.2.3/", "10.1.2.3", false],
    ["https://[::1]/", "::1", false],
    ["https://[::1]/", "[::1]", false],
    ["https://[::1]:8443/", "[::1]:8443", false],
    ["https://[fd00::5]/", "fd00::/8", false],
    ["https://[fd00::5]/", "[fd00::]/8", false],
    ["https://172.17.3.4/", "172.17.*", false],
    ["https://172.171.3.4/", "172.17.*", true],
    ["https://api.internal/", "*internal", false],
    ["https://api-7.a.test/", "api-*.a.test", false],
    ["https://apix7.a.test/", "api.*.a.test", true],
    ["https://b\u00fccher.test/", "b\u00fccher.test", false],
    ["https://b\u00fccher.test/", "xn--bcher-kva.test", false],
    ["https://a.test/", "10.0.0.0/8", true],
    ["https://a.test/", "", true],
  ])("%s with NO_PROXY=%s: %s", (url, NO_PROXY, proxied) => {
    expect(hostOf(url, { ...both, NO_PROXY })).toBe(proxied ? "secure:3128" : undefined);
  });

  it.each(["socks5://127.0.0.1:1080", "://", "http://", '"http://p:1"', "http://u:p%zz@p:1", "http://p:99999"])(
    "%s is refused when the configuration is read",
    (HTTPS_PROXY) => {
      expect(() => loadConfig({ environment: { HTTPS_PROXY } })).toThrow(/HTTPS_PROXY: is not the address of an HTTP proxy/);
    },
  );
});

describe("with a proxy in the environment", () => {
  let peer: HttpPeer;
  let proxy: HttpProxy;
  const saved = { ...process.env };
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const touched = [...proxies, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  beforeAll(async () => {
    peer = await startHttpPeer(answerJson(200, { id: "1", sid: "SM1", status: "queued", data: [{ message_id: "k1" }] }));
    proxy = await startHttpProxy();
  });
  beforeEach(() => {
    const { host } = new URL(proxy.url);
    for (const name of proxies) delete process.env[name];
    process.env.HTTP_PROXY = `http://user:p%40ss@${host}`;
    process.env.HTTPS_PROXY = `http://user:p%40ss@${host}`;
    for (const list of [proxy.asked, peer.calls]) list.length = 0;
    proxy.refuses(undefined);
  });
  afterEach(() => {
    for (const name of touched) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  });
  afterAll(async () => {
    await Promise.all([peer.stop(), proxy.stop()]);
  });
  const sms = commandTo("sms", "+14155550100");

  it.each([
    ["http", { receipt: null }],
    ["twilio", { accountSid: "AC1", authToken: "a-token-of-twilio" }],
    ["kaleyra", { sid: "HX1", apiKey: "a-key-of-kaleyra" }],
  ])("the provider %s goes by it, in absolute form and with its account", async (type, options) => {
    const provider = await createProvider(type, "sms", { url: peer.url, ...options });
    expect(["accepted", "delivered"]).toContain((await provider.send(sms, sendContext)).kind);
    expect(proxy.asked).toEqual([expect.stringMatching(new RegExp(`^POST ${peer.url}/\\S* user:p@ss$`))]);
    expect(peer.calls).toHaveLength(1);
    expect(peer.calls[0]?.headers).not.toHaveProperty("proxy-authorization");
  });

  it("https goes by a tunnel", async () => {
    const { host } = new URL(peer.url);
    const provider = await createProvider("http", "sms", { url: `https://${host}/` });
    expect(await provider.send(sms, sendContext)).toMatchObject({ kind: "temporary_failure" });
    expect(proxy.asked).toEqual([`CONNECT ${host} user:p@ss`]);
  });

  it("NO_PROXY goes around it", async () => {
    process.env.NO_PROXY = "127.0.0.0/8";
    const provider = await createProvider("http", "sms", { url: peer.url });
    expect(await provider.send(sms, sendContext)).toMatchObject({ kind: "delivered" });
    expect([proxy.asked.length, peer.calls.length]).toEqual([0, 1]);
  });

  it.each([
    ["http:", 407],
    ["https:", 407],
    ["https:", 403],
  ])("a proxy that refuses %s with %i has sent nothing", async (protocol, status) => {
    proxy.refuses(status);
    const provider = await createProvider("http", "sms", { url: `${protocol}//${new URL(peer.url).host}/` });
    expect(await provider.send(sms, sendContext)).toMatchObject({ kind: "temporary_failure", reason: "provider_unavailable" });
    expect(peer.calls).toHaveLength(0);
  });

  it("AWS goes by it", async () => {
    const answer = "<SendRawEmailResponse><SendRawEmailResult><MessageId>ses-1</MessageId></SendRawEmailResult></SendRawEmailResponse>";
    const aws = await startHttpPeer((response) => response.writeHead(200, { "content-type": "text/xml" }).end(answer));
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "a-secret-of-the-test" });
    const provider = await createProvider("ses", "email", {}, bareTools({ aws: { region: "us-east-1", endpoint: aws.url } }));
    expect(await provider.send(commandTo("email", "a@carillon.test"), sendContext)).toMatchObject({
      kind: "delivered",
      providerMessageId: "ses-1",
    });
    expect(proxy.asked).toEqual([`POST ${aws.url}/ user:p@ss`]);
    await provider.close();
    await aws.stop();
  });

  it("webhooks go by it to the address that was checked, so that no proxy resolves a name to another", async () => {
    const resolve = ((_host: string, _options: unknown, callback: (error: null, found: object) => void) =>
      callback(null, [{ address: "127.0.0.1", family: 4 }])) as never;
    const { port } = new URL(peer.url);
    const open = createPoster(["127.0.0.0/8"], resolve);
    expect(await open.post(`http://hook.test:${port}/in`, {}, "{}", AbortSignal.timeout(5_000))).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${port} user:p@ss`]);
    expect(peer.calls).toMatchObject([{ url: "/in", headers: { host: `hook.test:${port}` } }]);
    const strict = createPoster([], resolve);
    for (const url of [`https://hook.test:${port}/`, "https://169.254.169.254/", `https://127.0.0.1:${port}/`])
      await expect(strict.post(url, {}, "{}", AbortSignal.timeout(5_000))).rejects.toThrow(/not allowed/);
    expect(proxy.asked).toHaveLength(1);
    proxy.refuses(403);
    open.close();
    const fresh = createPoster(["127.0.0.0/8"], resolve);
    await expect(fresh.post(`http://hook.test:${port}/`, {}, "{}", AbortSignal.timeout(5_000))).rejects.toThrow("the proxy returned 403");
    for (const poster of [strict, fresh]) poster.close();
  });

  it("traces go by it", async () => {
    const config = loadConfig({ environment: {} });
    const origin = { instance: "test" };
    const tracing = startTracing(config, `${peer.url}/v1/traces`, origin);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const record = { topic: "t", partition: 0, offset: 0, timestampMs: 0 };
    diagnostics.record.publish(origin, {
      queue: { sub: "dispatch", begins: "attempt" },
      record,
      beginMs: 0,
      endMs: 1,
      stages: [],
      calls: [],
      error: undefined,
      message: { messageId: "m", traceparent, attempt: 1 },
    } as never);
    await eventually(
      async () => proxy.asked,
      (asked) => asked.some((line) => line.startsWith(`POST ${peer.url}/v1/traces`)),
    );
    await tracing.stop();
  });
});
