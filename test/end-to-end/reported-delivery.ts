import { afterAll, beforeAll, expect } from "vitest";
import type { List } from "../../http/contract/list.js";
import type { MessageView } from "../../operations/message-view.js";
import type { Summary } from "../../reports/summary.js";
import { eventually } from "../support/eventually.js";
import { type Delivery, type DeliveryOptions, startDelivery } from "./harness.js";

const operatorKey = "an-operators-key-of-the-test";
export const senderKey = "a-senders-key-of-the-test";

/** A delivery with seven messages that passed through every stage, and queries of it over HTTP. */
export interface ReportedDelivery {
  readonly delivery: Delivery;
  /** The ids of all messages. */
  readonly ids: readonly string[];
  /** The message whose recipient was rejected. */
  readonly refused: string;
  /** A GET request, as an operator unless another key is given. */
  get(path: string, key?: string): ReturnType<typeof answerOf>;
}

/** A query string. */
export const asked = (parameters: Record<string, string>): string => new URLSearchParams(parameters).toString();

const start = (options: DeliveryOptions): Promise<Delivery> => {
  process.env.CARILLON_TEST_OPERATOR_KEY = operatorKey;
  process.env.CARILLON_TEST_SENDER_KEY = senderKey;
  const keyed = (name: string): string => `\${env:CARILLON_TEST_${name}_KEY}`;
  return startDelivery({
    ...options,
    config: {
      ...options.config,
      http: {
        port: 0,
        apiKeys: [
          { tenant: "operations", key: keyed("OPERATOR"), role: "operator" },
          { tenant: "shop", key: keyed("SENDER") },
        ],
      },
      templates: { otp: { sms: { text: "{{ code }} is your code" } } },
      providers: { sandbox: { receiptDelayMs: 50, prices: [{ prefix: "+91", mode: "per_message", amount: 0.0125, currency: "INR" }] } },
      reports: {
        aggregations: {
          "by-template": {
            collections: ["messages_sms"],
            pipeline: '[{"$match":{"status":{"$var":"status"}}},{"$group":{"_id":"$template","messages":{"$sum":1}}},{"$sort":{"_id":1}}]',
          },
        },
      },
    },
  });
};

const answerOf = async (url: string, key: string) => {
  const begin = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), tookMs: performance.now() - begin };
};

/** Registers the hooks that start the delivery, send its messages, and stop it; called within a suite. */
export const setUpReportedDelivery = (options: DeliveryOptions): ReportedDelivery => {
  let delivery: Delivery;
  let refused: string;
  const ids: string[] = [];

  const get = (path: string, key = operatorKey) => answerOf(`${delivery.urls[0]}${path}`, key);
  const send = async (message: object): Promise<string> => {
    const response = await fetch(`${delivery.urls[0]}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${operatorKey}` },
      body: JSON.stringify(message),
    });
    const { id } = (await response.json()) as { id: string };
    ids.push(id);
    return id;
  };

  beforeAll(async () => {
    delivery = await start(options);
    for (const id of ["bank", "shop"]) {
      // one that has a key in the configuration exists
      const headers = { "content-type": "application/json", authorization: `Bearer ${operatorKey}` };
      const { status } = await fetch(`${delivery.urls[0]}/v1/tenants`, { method: "POST", headers, body: JSON.stringify({ id }) });
      expect([201, 409]).toContain(status);
    }
    const otp = { channel: "sms", lane: "critical", template: "otp", variables: { code: "1234" }, expiresAt: Date.now() + 3_600_000 };
    for (let index = 0; index < 4; index += 1)
      await send({ ...otp, tenant: "bank", to: `+91981234${index}100`, metadata: { region: "IN-KL" } });
    await send({ ...otp, tenant: "bank", to: "+919812345100", metadata: { region: "IN-TN" } });
    await send({ channel: "sms", tenant: "shop", to: "+14155550100", content: { text: "Hello" } });
    refused = await send({
      channel: "email",
      tenant: "shop",
      to: "bounce@sandbox.carillon.test",
      content: { subject: "Hi", text: "Hi" },
    });
    await eventually(
      async () => {
        const { total } = (await get(`/reports/summary?${asked({ from: "-2h", show: "statuses" })}`)).body as Summary;
        const { items } = (await get(`/reports/messages?${asked({ status: "open" })}`)).body as List<MessageView>;
        return { counted: total.messages, open: items.length };
      },
      // on a busy machine lineage is written later, and messages missing there are not counted as open either
      ({ counted, open }) => counted === 7 && open === 0,
      60_000,
    );
  }, 90_000);
  afterAll(() => delivery?.stop(), 60_000);

  return {
    get delivery() {
      return delivery;
    },
    get refused() {
      return refused;
    },
    ids,
    get,
  };
};
