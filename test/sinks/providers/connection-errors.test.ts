import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../processors/provider.js";
import { outcomeOfAwsError } from "../../../sinks/providers/aws-outcome.js";
import { outcomeOfConnectionError, outcomeOfStatus } from "../../../sinks/providers/failure-outcome.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { type Certificates, makeCertificates } from "../../servers/certificates.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { startHttpPeer } from "../../support/http-peer.js";
import { createProvider } from "../../support/providers.js";
import { scratchFolder } from "../../support/scratch.js";

const coded = (code: string, message = code): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });

describe("what a failed connection means", () => {
  it.each([
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EMFILE",
    "UND_ERR_CONNECT_TIMEOUT",
    "EPROTO",
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
  ])("%s: nothing was sent, so it is temporary", (code) => {
    expect(outcomeOfConnectionError(coded(code))).toEqual({
      kind: "temporary_failure",
      reason: "provider_unavailable",
      detail: `fetch failed: ${code}`,
    });
  });

  it.each([
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "UND_ERR_SOCKET",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_BODY_TIMEOUT",
    "ABORT_ERR",
    "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  ])("%s: ambiguous where it is not known whether the request left", (code) => {
    expect(outcomeOfConnectionError(coded(code))).toMatchObject({ kind: "ambiguous" });
    expect(outcomeOfConnectionError(coded(code), true)).toMatchObject({ kind: "ambiguous" });
    expect(outcomeOfConnectionError(coded(code), false)).toMatchObject({ kind: "temporary_failure" });
  });

  it("looks at each of several addresses that were tried", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    expect(outcomeOfConnectionError(new TypeError("fetch failed", { cause: new AggregateError([refused, refused]) }))).toMatchObject({
      kind: "temporary_failure",
    });
  });

  it.each([
    [301, "permanent_failure"],
    [302, "permanent_failure"],
    [304, "permanent_failure"],
    [307, "permanent_failure"],
    [308, "permanent_failure"],
    [407, "temporary_failure"],
    [408, "ambiguous"],
    [421, "temporary_failure"],
    [425, "temporary_failure"],
    [429, "throttled"],
    [500, "ambiguous"],
    [502, "ambiguous"],
    [503, "temporary_failure"],
    [504, "ambiguous"],
    [511, "temporary_failure"],
  ])("status %i: %s", (status, kind) => {
    expect(outcomeOfStatus(status, String(status))).toMatchObject({ kind });
  });

  it("AWS: no credentials mean that nothing was sent", () => {
    const error = Object.assign(new Error("Could not load credentials from any providers"), { name: "CredentialsProviderError" });
    const table = { of: "", source: "", meanings: {} };
    expect(outcomeOfAwsError(error, table)).toMatchObject({ kind: "temporary_failure", reason: "account_rejected" });
    expect(outcomeOfAwsError(Object.assign(new Error("x"), { name: "constructor" }), table)).toMatchObject({ kind: "ambiguous" });
  });
});

describe("a provider by HTTP", () => {
  const folder = scratchFolder();
  const closing: (() => unknown)[] = [];
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates(folder.path);
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => folder.remove());

  const sendTo = async (url: string): Promise<SendOutcome> => {
    const provider = await createProvider("http", "sms", { url, fields: { to: "{{ to }}" } });
    return withDeadline(provider, 1_500, systemClock).send(commandTo("sms", "+14155550100"), sendContext);
  };
  const listen = async (server: Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };

  it("that is not there: temporary, with the cause", async () => {
    const outcome = await sendTo("http://127.0.0.1:1/");
    expect(outcome).toMatchObject({ kind: "temporary_failure", reason: "provider_unavailable" });
    expect(outcome).toHaveProperty("detail", expect.stringContaining("ECONNREFUSED"));
  });

  it("whose certificate nobody vouches for: temporary, with the cause; no byte of the request arrives", async () => {
    let requests = 0;
    const options = { cert: readFileSync(certificates.certFile), key: readFileSync(certificates.keyFile) };
    const port = await listen(createTlsServer(options, () => (requests += 1)));
    const outcome = await sendTo(`https://127.0.0.1:${port}/`);
    expect(outcome).toMatchObject({ kind: "temporary_failure", reason: "provider_unavailable" });
    expect(outcome).toHaveProperty("detail", expect.stringMatching(/certificate/));
    expect(requests).toBe(0);
  });

  it("that speaks no TLS: temporary", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect(await sendTo(`https://127.0.0.1:${port}/`)).toMatchObject({ kind: "temporary_failure" });
  });

  it("that resets the connection before TLS is agreed on: temporary", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => undefined).once("data", () => socket.resetAndDestroy())));
    expect(await sendTo(`https://127.0.0.1:${port}/`)).toMatchObject({ kind: "temporary_failure" });
  });

  it("that resets the connection after the request: ambiguous", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => undefined).once("data", () => socket.resetAndDestroy())));
    expect(await sendTo(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: "ambiguous" });
  });

  it("that never agrees on TLS within the deadline: temporary, since nothing was sent", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => undefined)));
    expect(await sendTo(`https://127.0.0.1:${port}/`)).toMatchObject({
      kind: "temporary_failure",
      detail: expect.stringContaining("nothing was sent"),
    });
  });

  it("that never answers within the deadline: ambiguous", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => undefined)));
    expect(await sendTo(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: "ambiguous", reason: "provider_timeout" });
  });

  it.each([301, 302, 303, 307, 308])(
    "that answers %i: permanent, and names the host that it redirects to, not the rest of the address",
    async (status) => {
      const peer = await startHttpPeer((response) => response.writeHead(status, { location: "https://new.sms.example/v2?key=k3y" }).end());
      closing.push(peer.stop);
      const outcome = await sendTo(peer.url);
      expect(outcome).toMatchObject({ kind: "permanent_failure", detail: expect.stringContaining("redirects to new.sms.example") });
      expect(JSON.stringify(outcome)).not.toContain("k3y");
      expect(peer.calls).toHaveLength(1);
    },
  );

  it("whose address holds an account: it is sent as basic authentication", async () => {
    const peer = await startHttpPeer((response) => response.end('{"id":"1"}'));
    closing.push(peer.stop);
    expect(await sendTo(peer.url.replace("://", "://us%40er:p%3Ass@"))).toMatchObject({ kind: "delivered" });
    expect(peer.calls[0]?.headers.authorization).toBe(`Basic ${Buffer.from("us@er:p:ss").toString("base64")}`);
  });
});
