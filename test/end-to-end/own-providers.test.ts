import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { asKey, call, keys, apiKeys as operatorKeys, startWithRoutes } from "../http/walked-server.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, type PeerCall, startHttpPeer } from "../support/http-peer.js";

interface Message {
  readonly status: string;
  readonly lineage: readonly {
    readonly stage: string;
    readonly outcome: string;
    readonly provider: string | null;
    readonly reason: string | null;
    readonly details: Readonly<Record<string, string>>;
  }[];
}

const encryption = { active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } };
const token = "a token of twenty characters";

/** A server that takes messages and answers with ids. */
const startProvider = (): Promise<HttpPeer> => {
  let number = 0;
  return startHttpPeer((response, received) => {
    number += 1;
    answerJson(200, { id: `m-${number}` })(response, received);
  });
};

const textOf = ({ body }: PeerCall): string => (JSON.parse(body) as { readonly text: string }).text;

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
  const addTenant = async (id: string): Promise<void> => operate("POST", "/v1/tenants", { id });
  const send = async (tenant: string, text: string): Promise<string> =>
    (await operate("POST", "/v1/messages", { tenant, channel: "sms", to: "+14155550100", content: { text } })).id;
  const messageOf = (id: string): Promise<Message> => operate("GET", `/v1/messages/${id}`);
  const until = (id: string, accept: (message: Message) => boolean): Promise<Message> => eventually(() => messageOf(id), accept);
  const setProvider = (tenant: string, name: string, url: string, more: { readonly receipts?: boolean; readonly secret?: string } = {}) =>
    operate("PUT", `/v1/tenants/${tenant}/providers/${name}`, {
      type: "http",
      options: {
        ...{ url, fields: { text: "{{ text }}" }, auth: { kind: "bearer" } },
        ...(more.receipts ? { receipt: { states: { sent: { event: "delivered" } } } } : {}),
      },
      secrets: { "auth.token": more.secret ?? "battery staple", ...(more.receipts ? { "callback.token": token } : {}) },
    });
  const setRoute = (tenant: string, ...providers: readonly string[]) => operate("PUT", `/v1/tenants/${tenant}/routes/sms`, { providers });
  return { carillon, stop, operate, addTenant, send, messageOf, until, setProvider, setRoute };
};

const callback = (carillon: Carillon, path: string, body: object, given = token) =>
  call(carillon.url, "POST", `${path}?token=${encodeURIComponent(given)}`, {}, JSON.stringify(body));

describe("messages of tenants with providers of their own", () => {
  let server: Awaited<ReturnType<typeof serverOf>>;
  const peers: HttpPeer[] = [];
  const startPeer = async (): Promise<HttpPeer> => {
    const peer = await startProvider();
    peers.push(peer);
    return peer;
  };
  beforeAll(async () => {
    // calls in flight leave their partitions at once
    server = await serverOf({ tenants: { allowAddresses: ["127.0.0.0/8"] }, delivery: { detachAfterMs: 100 } });
    for (const id of ["shop", "bank"]) await server.addTenant(id);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    for (const peer of peers) await peer.stop();
  });

  it("reach the provider of their tenant, although another has the same name", async () => {
    const [shop, bank] = [await startPeer(), await startPeer()];
    await server.setProvider("shop", "texts", shop.url, { secret: "secret of the shop" });
    await server.setProvider("bank", "texts", bank.url, { secret: "secret of the bank" });
    for (const tenant of ["shop", "bank"]) await server.setRoute(tenant, "texts");
    const ids = await Promise.all(["shop", "bank"].map((tenant) => server.send(tenant, `for ${tenant}`)));
    for (const [index, tenant] of ["shop", "bank"].entries()) {
      const message = await server.until(ids[index] ?? "", ({ status }) => status === "delivered");
      expect(message.lineage.find(({ stage }) => stage === "dispatch")).toMatchObject({ provider: `${tenant}/texts` });
    }
    expect(shop.calls.map(textOf)).toEqual(["for shop"]);
    expect(bank.calls.map(textOf)).toEqual(["for bank"]);
    expect([shop, bank].map(({ calls }) => calls[0]?.headers.authorization)).toEqual([
      "Bearer secret of the shop",
      "Bearer secret of the bank",
    ]);
    const { text } = await call(server.carillon.url, "GET", "/metrics");
    expect(text).toMatch(/carillon_provider_seconds_count\{[^}]*provider="own"/);
    expect(text).not.toMatch(/shop|bank/);
  });

  it("end with the receipt that their provider posts, and with no other", async () => {
    const peer = await startPeer();
    for (const tenant of ["shop", "bank"]) await server.setProvider(tenant, "reports", peer.url, { receipts: true });
    await server.setRoute("shop", "reports");
    const id = await server.send("shop", "with a receipt");
    await server.until(id, ({ lineage }) => lineage.some(({ outcome }) => outcome === "accepted"));
    const receipt = { id: "m-1", status: "sent" };
    const paths = ["/v1/callbacks/shop/reports", "/v1/callbacks/bank/reports", "/v1/callbacks/shop/none"];
    expect((await callback(server.carillon, paths[0] ?? "", receipt, "not the token at all")).status).toBe(401);
    expect((await callback(server.carillon, paths[1] ?? "", receipt)).status).toBe(204); // the bank's own message of that id, if it had one
    expect((await callback(server.carillon, paths[2] ?? "", receipt)).status).toBe(404);
    expect((await server.messageOf(id)).status).not.toBe("delivered");
    expect((await callback(server.carillon, paths[0] ?? "", receipt)).status).toBe(204);
    await server.until(id, ({ status }) => status === "delivered");
  });

  it("are all sent once while the credentials of the provider change", async () => {
    const peer = await startPeer();
    const wait = new Map<string, () => void>();
    peer.answers((response, received) => {
      // the first calls stay in flight until the credentials have changed
      const answer = () => answerJson(200, { id: textOf(received) })(response, received);
      if (received.headers.authorization === "Bearer the old secret") wait.set(textOf(received), answer);
      else answer();
    });
    await server.setProvider("shop", "changing", peer.url, { secret: "the old secret" });
    await server.setRoute("shop", "changing");
    const early = await Promise.all(Array.from({ length: 4 }, (_, index) => server.send("shop", `early ${index}`)));
    await eventually(
      () => wait.size,
      (size) => size === early.length,
    );
    await server.setProvider("shop", "changing", peer.url, { secret: "the new secret" });
    const late = await Promise.all(Array.from({ length: 10 }, (_, index) => server.send("shop", `late ${index}`)));
    for (const id of late) await server.until(id, ({ status }) => status === "delivered");
    for (const answer of wait.values()) answer();
    for (const id of early) await server.until(id, ({ status }) => status === "delivered");
    const sent = ["early", "late"].flatMap((when, late) => Array.from({ length: late ? 10 : 4 }, (_, index) => `${when} ${index}`));
    expect(peer.calls.map(textOf).sort()).toEqual(sent.sort());
    expect(new Set(peer.calls.map(({ headers }) => headers.authorization)).size).toBe(2);
  });

  it("use the next provider of the route if one fails, also one of the installation", async () => {
    const [failing, working] = [await startPeer(), await startPeer()];
    failing.answers(answerJson(503, {}));
    await server.setProvider("shop", "failing", failing.url);
    await server.setProvider("shop", "working", working.url);
    await server.setRoute("shop", "failing", "working");
    await server.until(await server.send("shop", "first"), ({ status }) => status === "delivered");
    expect(working.calls.map(textOf)).toEqual(["first"]);
    await server.setRoute("shop", "failing", "sandbox");
    const message = await server.until(await server.send("shop", "second"), ({ status }) => status === "delivered");
    expect(message.lineage.filter(({ stage }) => stage === "dispatch").map(({ provider }) => provider)).toContain("sandbox");
  });

  it("use the routes of the configuration again once theirs is removed, with messages that wait", async () => {
    const peer = await startPeer();
    peer.answers(answerJson(503, {}));
    await server.setProvider("shop", "leaving", peer.url);
    await server.setRoute("shop", "leaving");
    const id = await server.send("shop", "waits");
    await eventually(
      () => peer.calls.length,
      (calls) => calls > 0,
    );
    await server.operate("DELETE", "/v1/tenants/shop/routes/sms");
    await server.operate("DELETE", "/v1/tenants/shop/providers/leaving");
    const message = await server.until(id, ({ status }) => status === "delivered");
    expect(message.lineage.at(-1)).toMatchObject({ provider: "sandbox" });
  });
});

describe("addresses of tenants' own providers", () => {
  it("are refused at the connection if they are private, also by their name", async () => {
    const server = await serverOf({});
    const peer = await startProvider();
    try {
      await server.addTenant("shop");
      const { port } = new URL(peer.url);
      for (const url of [`https://127.0.0.1:${port}/`, `https://localhost:${port}/`, `https://[::ffff:127.0.0.1]:${port}/`]) {
        await server.setProvider("shop", "private", url);
        await server.setRoute("shop", "private");
        const id = await server.send("shop", url);
        const { lineage } = await server.until(id, (message) => message.lineage.some(({ stage }) => stage === "retry"));
        const attempt = lineage.find(({ stage, outcome }) => stage === "dispatch" && outcome === "temporary_failure");
        expect(attempt?.details.detail, url).toContain("tenants.allowAddresses can allow its range");
      }
      expect(peer.calls).toEqual([]);
    } finally {
      await peer.stop();
      await server.stop();
    }
  }, 60_000);
});
