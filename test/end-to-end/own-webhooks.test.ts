import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asKey, call, keys, apiKeys as operatorKeys, startWithRoutes } from "../http/walked-server.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, type PeerCall, startHttpPeer } from "../support/http-peer.js";

const encryption = { active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } };

interface Told {
  readonly type: string;
  readonly data: { readonly messageId: string; readonly tenant: string };
}

interface Message {
  readonly lineage: readonly { readonly stage: string; readonly outcome: string; readonly details: Readonly<Record<string, string>> }[];
}

const serverOf = async (more: object) => {
  const { carillon, stop } = await startWithRoutes(
    { apiKeys: operatorKeys, failedAuthenticationsPerMinute: 10_000 },
    { encryption, ...more },
  );
  const operate = async (method: string, path: string, body?: object) => {
    const answer = await call(carillon.url, method, path, asKey(keys.operations), body && JSON.stringify(body));
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text === "" ? {} : JSON.parse(answer.text);
  };
  const send = async (tenant: string): Promise<string> => {
    const message = { channel: "sms", to: "+14155550100", lane: "high", content: { text: "Hi" } };
    return (await operate("POST", "/v1/messages", { tenant, ...message })).id;
  };
  const stepOf = (id: string, outcome: string) =>
    eventually(
      async () => ((await operate("GET", `/v1/messages/${id}`)) as Message).lineage.find((step) => step.stage === "webhook"),
      (step) => step?.outcome === outcome,
    );
  return { carillon, stop, operate, send, stepOf };
};

const verifiedBy =
  (secret: string) =>
  ({ body, headers }: PeerCall): Told =>
    new Webhook(secret).verify(body, headers as Record<string, string>) as Told;

const until = (peer: HttpPeer, id: string): Promise<PeerCall> =>
  eventually(
    () => peer.calls.find(({ body }) => body.includes(id)) as PeerCall,
    (found) => found !== undefined,
  );

describe("events of a tenant with a webhook of its own", () => {
  let server: Awaited<ReturnType<typeof serverOf>>;
  let shop: HttpPeer;
  let bank: HttpPeer;
  beforeAll(async () => {
    [shop, bank] = [await startHttpPeer(answerJson(200, {})), await startHttpPeer(answerJson(200, {}))];
    server = await serverOf({ tenants: { allowAddresses: ["127.0.0.0/8"] } });
    for (const id of ["shop", "bank"]) await server.operate("POST", "/v1/tenants", { id });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    for (const peer of [shop, bank]) await peer.stop();
  });

  it("arrive at that tenant's receiver alone, signed, while its secrets change, and end with its removal", async () => {
    const early = await server.send("shop");
    await eventually(
      () => server.operate("GET", `/v1/messages/${early}`),
      ({ status }) => status === "delivered",
    );
    const first = (await server.operate("PUT", "/v1/tenants/shop/webhook", { url: `${shop.url}/hook` })).secret;
    const ofBank = (await server.operate("PUT", "/v1/tenants/bank/webhook", { url: bank.url })).secret;
    const ids = [await server.send("shop"), await server.send("bank")] as const;
    expect(verifiedBy(first)(await until(shop, ids[0]))).toMatchObject({ type: "message.delivered", data: { tenant: "shop" } });
    expect(verifiedBy(ofBank)(await until(bank, ids[1]))).toMatchObject({ type: "message.delivered", data: { tenant: "bank" } });
    await server.stepOf(ids[0], "posted");

    const { secret: second } = await server.operate("POST", "/v1/tenants/shop/webhook/rotate");
    const during = await until(shop, await server.send("shop"));
    for (const secret of [first, second]) expect(verifiedBy(secret)(during).data.tenant).toBe("shop");
    const { secret: third } = await server.operate("POST", "/v1/tenants/shop/webhook/rotate");
    const after = await until(shop, await server.send("shop"));
    for (const secret of [second, third]) expect(verifiedBy(secret)(after).data.tenant).toBe("shop");
    expect(() => verifiedBy(first)(after)).toThrow();

    await server.operate("DELETE", "/v1/tenants/shop/webhook");
    const calls = shop.calls.length;
    const late = await server.send("shop");
    await until(bank, await server.send("bank"));
    await eventually(
      () => server.operate("GET", `/v1/messages/${late}`),
      ({ status }) => status === "delivered",
    );
    expect(shop.calls).toHaveLength(calls);
    expect(shop.calls.every(({ body }) => JSON.parse(body).data.tenant === "shop")).toBe(true);
    expect(shop.calls.some(({ body }) => body.includes(early))).toBe(false);
    expect(bank.calls.every(({ body }) => JSON.parse(body).data.tenant === "bank")).toBe(true);
  }, 60_000);

  it("are off after 410, until the tenant enables its webhook", async () => {
    shop.answers(answerJson(410, {}));
    await server.operate("PUT", "/v1/tenants/shop/webhook", { url: `${shop.url}/gone` });
    await until(shop, await server.send("shop"));
    await eventually(
      () => server.operate("GET", "/v1/tenants/shop/webhook"),
      ({ state }) => state?.disabledAt !== undefined,
    );
    const { items } = await server.operate("GET", "/v1/webhooks");
    expect(items.find(({ tenant }: { tenant: string }) => tenant === "shop").state.lastFailure).toContain("410");
    await server.stepOf(await server.send("shop"), "off");
    shop.answers(answerJson(200, {}));
    await server.operate("POST", "/v1/tenants/shop/webhook/enable");
    await server.stepOf(await server.send("shop"), "posted");
  }, 60_000);
});

it("refuses private addresses at the connection, also behind a name", async () => {
  const server = await serverOf({});
  const peer = await startHttpPeer(answerJson(200, {}));
  try {
    await server.operate("POST", "/v1/tenants", { id: "shop" });
    await server.operate("PUT", "/v1/tenants/shop/webhook", { url: `https://localhost:${new URL(peer.url).port}/` });
    const step = await server.stepOf(await server.send("shop"), "failed");
    expect(step?.details.detail).toMatch(/not allowed.*tenants\.allowAddresses can allow its range/);
    expect(peer.calls).toEqual([]);
  } finally {
    await peer.stop();
    await server.stop();
  }
}, 60_000);
