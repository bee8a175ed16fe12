import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { requestOf } from "../support/requests.js";

/** Templates, headers and addresses of an `http` provider for which no request can be built. */
const unsendable: readonly (readonly [string, object, RegExp])[] = [
  [
    "a field that wants metadata that the message lacks",
    { fields: { campaign: "{{ metadata.campaign }}" } },
    /fields\.campaign: undefined variable/,
  ],
  ["a field of a field that is none", { fields: { to: "{{ to.country.code }}" } }, /fields\.to: undefined variable/],
  ["an address that is none once it is filled in", { url: "{{ tenant }}" }, /Invalid URL/],
  [
    "a header that HTTP keeps to itself",
    { auth: { kind: "header", header: "transfer-encoding", secret: "a-chunked-secret" } },
    /transfer-encoding/,
  ],
  ["an address of another protocol", { url: "ftp://127.0.0.1/{{ to }}" }, /ftp/i],
];

describe("a message of which no request can be made", () => {
  let peer: HttpPeer;
  beforeAll(async () => {
    peer = await startHttpPeer(answerJson(200, { id: "1" }));
  });
  afterAll(() => peer.stop());
  const start = (options: object): Promise<DeliveryTestDriver> =>
    createDeliveryTestDriver({
      channels: { sms: { providers: ["gateway"] } },
      providers: { gateway: { type: "http", url: peer.url, fields: { to: "{{ to }}" }, ...options } },
    } as never);
  const send = async (driver: DeliveryTestDriver, index: number): Promise<string> => {
    const message = { channel: "sms", to: `+1415555010${index}`, content: { text: "Hi" } };
    const request = requestOf(message as never, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    return request.id;
  };

  it.each(unsendable)("%s: fails for good, once, and the provider keeps its health", async (_, options, words) => {
    const driver = await start(options);
    const ids: string[] = [];
    for (let index = 0; index < 8; index += 1) ids.push(await send(driver, index));
    for (const id of ids) {
      const document = await driver.lineage(id);
      expect(document).toMatchObject({ status: "failed", reason: "invalid_content", attempts: 1 });
      expect(document?.lineage.find(({ stage }) => stage === "dispatch")?.details.detail).toMatch(words);
    }
    expect(peer.calls).toHaveLength(0);
    const [{ health } = { health: undefined }] = driver.assembly.routing.health().filter(({ provider }) => provider === "gateway");
    expect(health).toMatchObject({ breaker: "closed", share: 1, calls: 0, failures: 0, inFlight: 0 });
  });
});
