import { expect } from "vitest";
import { eventually } from "../support/eventually.js";
import { answerJson, startHttpPeer } from "../support/http-peer.js";
import { allDelivered, most, sms, sum, type Trial, until } from "./runbook-trial.js";

/** A test server in a provider's place, and its configuration. */
const peerOf = async (answer: Parameters<typeof startHttpPeer>[0]) => {
  const peer = await startHttpPeer(answer);
  const ill = { type: "http", url: `${peer.url}/send`, fields: { to: "{{ to }}" } };
  return { peer, ill, sandbox: { receiptDelayMs: 100 } };
};

const routingSoon = { minCalls: 3, breaker: { failures: 3, openMs: 500, maxOpenMs: 1_000, probes: 1 } };

/** Trials of the alerts about providers and their callbacks. */
export const providerTrials: Readonly<Record<string, Trial>> = {
  CarillonProviderCircuitOpen: {
    options: {},
    try: async (delivery) => {
      const { peer, ill, sandbox } = await peerOf(answerJson(500, { error: "ill" }));
      try {
        const channels = { sms: { providers: ["ill"], retry: { baseMs: 300, jitter: 0 } } };
        const providers = { ill, sandbox };
        await delivery.reconfigure({ channels, providers, routing: routingSoon });
        const ids = await Promise.all(Array.from({ length: 5 }, (_, index) => delivery.send(sms("high", `+1415555010${index}`))));
        await until(
          () => most(delivery, "carillon_provider_breaker", { provider: /^ill$/ }),
          (state) => state === 2,
        );
        // if it recovers, nothing: it is tried again automatically
        peer.answers(answerJson(200, { id: "1" }));
        await allDelivered(delivery, ids);
        await until(
          () => most(delivery, "carillon_provider_breaker", { provider: /^ill$/ }),
          (state) => state === 0,
        );
        // otherwise another provider first
        peer.answers(answerJson(500, { error: "ill" }));
        await delivery.reconfigure({
          channels: { sms: { ...channels.sms, providers: ["sandbox", "ill"] } },
          providers,
          routing: routingSoon,
        });
        const id = await delivery.send(sms("high"));
        await allDelivered(delivery, [id]);
        expect((await delivery.view(id)).provider).toBe("sandbox");
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonProviderFails: {
    options: {},
    try: async (delivery) => {
      const taken: number[] = [];
      const perSecond = 5;
      const { peer, ill, sandbox } = await peerOf((response, call) => {
        const now = Date.now();
        taken.push(now);
        const tooMany = taken.filter((at) => at > now - 1_000).length > perSecond;
        return answerJson(tooMany ? 429 : 200, { id: `${now}` }, tooMany ? { "retry-after": "1" } : {})(response, call);
      });
      try {
        const channels = { sms: { providers: ["ill"], retry: { baseMs: 300, jitter: 0.5 } } };
        const failed = () =>
          sum(delivery, "carillon_provider_seconds_count", { provider: /^ill$/, outcome: /^(?!accepted|delivered|permanent_failure)/ });
        const all = () => sum(delivery, "carillon_provider_seconds_count", { provider: /^ill$/ });
        const burst = async (): Promise<void> =>
          allDelivered(
            delivery,
            await Promise.all(Array.from({ length: 20 }, (_, index) => delivery.send(sms("high", `+141555501${10 + index}`)))),
          );
        await delivery.reconfigure({ channels, providers: { ill, sandbox } });
        await burst();
        expect((await failed()) / (await all())).toBeGreaterThan(0.1);
        // throttled: lower its rate
        await delivery.reconfigure({ channels, providers: { ill: { ...ill, limits: { perSecond: 3, burst: 1 } }, sandbox } });
        await burst();
        expect(await all()).toBe(20);
        expect(await failed()).toBe(0);
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonCallbacksRefused: {
    options: {},
    try: async (delivery) => {
      const { peer, sandbox } = await peerOf(answerJson(202, { data: [{ message_id: "k-1" }] }));
      try {
        process.env.CARILLON_TEST_RUNBOOK_OLD_TOKEN = "the old token of the runbook";
        process.env.CARILLON_TEST_RUNBOOK_NEW_TOKEN = "the new token of the runbook";
        const kaleyra = (token: string) => ({
          type: "kaleyra",
          url: peer.url,
          sid: "HX1",
          apiKey: `\${env:${token}}`,
          callback: { token: `\${env:${token}}` },
        });
        const configured = (token: string) => ({
          channels: { sms: { providers: ["kaleyra"] } },
          providers: { kaleyra: kaleyra(token), sandbox },
        });
        const report = async (): Promise<number> => {
          const url = `${delivery.urls[0]}/v1/callbacks/kaleyra?token=${encodeURIComponent("the new token of the runbook")}`;
          return (await fetch(url, { method: "POST", body: new URLSearchParams({ id: "k-1", status: "DELIVRD" }) })).status;
        };
        await delivery.reconfigure(configured("CARILLON_TEST_RUNBOOK_OLD_TOKEN"));
        const id = await delivery.send(sms("high"));
        await eventually(
          () => delivery.view(id),
          ({ status }) => status === "dispatched",
        );
        expect(await report()).toBe(401);
        expect(await sum(delivery, "carillon_callbacks_total", { status: /^4/, provider: /^kaleyra$/ })).toBe(1);
        await delivery.reconfigure(configured("CARILLON_TEST_RUNBOOK_NEW_TOKEN"));
        expect(await report()).toBe(204);
        await allDelivered(delivery, [id]);
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonUnknownStates: {
    options: {},
    try: async (delivery) => {
      const { peer, ill, sandbox } = await peerOf(answerJson(202, { id: "u-1" }));
      try {
        const configured = (states: object) => ({
          channels: { sms: { providers: ["gateway"] } },
          providers: {
            gateway: {
              ...ill,
              answer: { id: "id" },
              receipt: { id: "id", state: "state", states },
              callback: { addresses: ["127.0.0.0/8"] },
            },
            sandbox,
          },
        });
        const report = async (): Promise<number> => {
          const body = JSON.stringify({ id: "u-1", state: "handed to the pigeon" });
          const headers = { "content-type": "application/json" };
          return (await fetch(`${delivery.urls[0]}/v1/callbacks/gateway`, { method: "POST", headers, body })).status;
        };
        await delivery.reconfigure(configured({ gone: { event: "permanent_failure" } }));
        const id = await delivery.send(sms("high"));
        await eventually(
          () => delivery.view(id),
          ({ status }) => status === "dispatched",
        );
        expect(await report()).toBe(204);
        await until(
          () => sum(delivery, "carillon_unknown_states_total", { provider: /^gateway$/ }),
          (count) => count === 1,
        );
        await delivery.reconfigure(configured({ "handed to the pigeon": { event: "delivered" } }));
        expect(await report()).toBe(204);
        await allDelivered(delivery, [id]);
        expect(await sum(delivery, "carillon_unknown_states_total", { provider: /^gateway$/ })).toBe(0);
      } finally {
        await peer.stop();
      }
    },
  },
};
