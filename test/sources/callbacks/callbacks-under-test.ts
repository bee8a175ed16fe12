import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach } from "vitest";
import type { ConfigInput } from "../../../config/schema.js";
import type { Receipt } from "../../../processors/receipt.js";
import type { CarillonError } from "../../../schemas/errors.js";
import { loadConfig } from "../../../service/load-config.js";
import type { CallbackRequest } from "../../../sinks/providers/definition.js";
import { createCallbacks } from "../../../sources/callbacks/callbacks.js";
import { createSnsMessages } from "../../../sources/callbacks/sns-message.js";

export const fixture = (name: string): string => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), "utf8");

/** A callback of Kaleyra. */
export const request = (more: Partial<CallbackRequest> = {}): CallbackRequest => {
  const body = more.body ?? Buffer.from('{"id":"k-1","status":"DELIVRD"}');
  return {
    method: "POST",
    url: "https://carillon.test/v1/callbacks/kaleyra",
    headers: {},
    form: {},
    fields: {},
    json: body.length === 0 || String(body).startsWith("id=") ? undefined : JSON.parse(String(body)),
    body,
    ...more,
  };
};

export const token = "a token of the test of callbacks";
export const secret = "a secret of the test";

/** Addresses that callbacks come from. */
export const from = { outside: "198.51.100.7", inside: "203.0.113.9", here: "127.0.0.1" };

export const status = async (answer: Promise<{ status: number }>): Promise<number> => (await answer).status;

/** Callbacks that record what they read, keep unread and fetch; the records are emptied before each test of the suite that calls this. */
export const setUpCallbacks = () => {
  const reported: Receipt[] = [];
  const kept: { provider: string; error: CarillonError }[] = [];
  const fetched: string[] = [];
  beforeEach(() => {
    reported.length = 0;
    kept.length = 0;
    fetched.length = 0;
  });
  const sns = createSnsMessages(async (url) => {
    fetched.push(url.href);
    return fixture("test-only-certificate.pem");
  });
  const callbacks = (
    callback: NonNullable<NonNullable<ConfigInput["providers"]>[string]>["callback"] = { addresses: ["127.0.0.0/8"] },
    report?: () => Promise<void>,
  ) =>
    createCallbacks({
      config: loadConfig({
        environment: {},
        overrides: { providers: { kaleyra: { callback }, ses: { topicArns: ["arn:aws:sns:us-east-1:1:events"] } } },
      }),
      channelsOf: (provider) => (provider === "kaleyra" ? ["sms"] : provider === "ses" ? ["email"] : []),
      receive: async ({ name }, _request, readings) => {
        await report?.();
        const receipts = readings.flatMap((one) => (one.kind === "receipt" ? [one.receipt] : []));
        const errors = readings.flatMap((one) => (one.kind === "unreadable" ? [one.error] : []));
        reported.push(...receipts);
        kept.push(...errors.map((error) => ({ provider: name, error })));
        return { receipts: receipts.length, unreadable: errors.length, ignored: readings.length - receipts.length - errors.length };
      },
      sns,
    });
  return { reported, kept, fetched, callbacks };
};
