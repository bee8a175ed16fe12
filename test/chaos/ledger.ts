import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../simulation/random.js";

/** The provider's side: the sends it accepted, by recipient and time. Implements SNS's Publish. */
export interface Ledger {
  readonly url: string;
  /** Times of accepted sends in epoch milliseconds, by recipient. */
  readonly sends: ReadonlyMap<string, readonly number[]>;
  close(): void;
}

/** One in this many recipients is throttled at first, so that timers have work. */
const throttledEvery = 8;
const answersAfterMs = { least: 20, most: 60 };

/** A device's endpoint in SNS. */
export const endpointOf = (device: string): string => `arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/${device}`;

const published = (id: string): string =>
  `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${id}</MessageId></PublishResult></PublishResponse>`;
const throttled = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttled</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";

/** Recipients of a run: their number is the last part. */
const isThrottledAtFirst = (to: string): boolean => Number(to.split("-").at(-1)) % throttledEvery === 0;

export const createLedger = async (host: string): Promise<Ledger> => {
  const sends = new Map<string, number[]>();
  const throttledOnce = new Set<string>();
  const chance = createRandom(1, "answers");
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const to = new URLSearchParams(body).get("TargetArn") ?? "";
    const answer = (status: number, text: string): void => void response.writeHead(status, { "content-type": "text/xml" }).end(text);
    if (isThrottledAtFirst(to) && !throttledOnce.has(to)) {
      throttledOnce.add(to);
      answer(400, throttled);
      return;
    }
    // a send counts once accepted, whether or not the caller is still there
    const times = sends.get(to) ?? [];
    sends.set(to, [...times, Date.now()]);
    await sleep(answersAfterMs.least + chance.next() * (answersAfterMs.most - answersAfterMs.least));
    answer(200, published(`${to}:${times.length}`));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    sends,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
