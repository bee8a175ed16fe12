import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "../../schemas/generated.js";

/** A message of the run, from its sender's viewpoint. */
export interface Sent {
  readonly id: string;
  readonly channel: string;
}

export interface Traffic {
  /** In the order of acceptance. */
  readonly sent: readonly Sent[];
  /**
   * Sends this number at an even pace. Resolves once all are accepted. `channels`: the channels that take turns, read before each message.
   */
  send(count: number, perSecond: number, channels: () => readonly string[]): Promise<void>;
}

const acceptWithinMs = 120_000;
const pauseMs = 200;
const answerWithinMs = 10_000;

const recipients: Readonly<Record<string, (name: string) => string>> = {
  email: (name) => `${name}@sandbox.carillon.test`,
  sms: (name) => (name === "flaky" ? "+14155550102" : "+14155550100"),
};

/** One in this many messages fails at first and is retried. */
const flakyEvery = 10;

const messageOf = (number: number, channel: string, lanes: readonly Lane[]): object => {
  const name = number % flakyEvery === 0 ? "flaky" : "success";
  const title = channel === "email" ? { subject: "Hello" } : {};
  return {
    channel,
    lane: lanes[number % lanes.length],
    to: recipients[channel]?.(name) ?? `device-${number}-${name}`,
    content: { ...title, text: `Message ${number}` },
    idempotencyKey: `${channel}-${number}`,
  };
};

/** A careful sender over HTTP: repeats with the same key until a worker has accepted. `urlFor`: a worker that accepts the channel. */
export const createTraffic = (
  urlFor: (channel: string, number: number) => string | undefined,
  lanes: readonly Lane[] = ["normal", "critical"],
): Traffic => {
  const sent: Sent[] = [];
  let next = 0;
  const post = async (channel: string, number: number): Promise<string | undefined> => {
    const url = urlFor(channel, number);
    if (!url) return undefined;
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(messageOf(number, channel, lanes)),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const body = (await response.json()) as { readonly id?: string };
    if (response.status >= 400 && response.status < 500) throw new Error(`${channel} was refused: ${JSON.stringify(body)}`);
    return response.status === 202 ? body.id : undefined;
  };
  const sendOne = async (channel: string, number: number): Promise<void> => {
    for (const end = Date.now() + acceptWithinMs; ; ) {
      // a worker that ends during a request does not answer: with the key, a second request is the same message
      const answer = await post(channel, number).catch((error: unknown) => {
        if (error instanceof Error && error.message.includes("was refused")) throw error;
        return undefined;
      });
      if (answer !== undefined) return void sent.push({ id: answer, channel });
      if (Date.now() > end) throw new Error(`message ${number} was accepted by no worker within ${acceptWithinMs} ms`);
      await sleep(pauseMs);
    }
  };
  return {
    sent,
    send: async (count, perSecond, channels) => {
      const begin = Date.now();
      const sending: Promise<void>[] = [];
      for (let index = 0; index < count; index += 1) {
        const waitMs = begin + (index * 1_000) / perSecond - Date.now();
        if (waitMs > 0) await sleep(waitMs);
        const now = channels();
        sending.push(sendOne(now[next % now.length] ?? "", next));
        next += 1;
      }
      await Promise.all(sending);
    },
  };
};
