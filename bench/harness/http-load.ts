import { Agent, request } from "undici";

const clients = 64;
const headers = { "content-type": "application/json" };

/** Result of posting messages as fast as they are answered. */
export interface Posted {
  readonly seconds: number;
  /** CPU time of this process for each message, in microseconds. */
  readonly cpuMicroseconds: number;
}

const messageAt = (index: number) => ({ channel: "push", to: `device-${index}-success`, content: { text: "Hello" } });

/** Posts messages from 64 concurrent clients, in requests of `perRequest` messages. */
export const postMessages = async (url: string, count: number, perRequest = 1): Promise<Posted> => {
  const dispatcher = new Agent({ connections: clients, pipelining: 1 });
  const [path, wanted] = perRequest === 1 ? ["/v1/messages", 202] : ["/v1/messages/batch", 200];
  const [begin, used] = [performance.now(), process.cpuUsage()];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const from = next;
      next = Math.min(count, from + perRequest);
      const messages = Array.from({ length: next - from }, (_, index) => messageAt(from + index));
      const body = JSON.stringify(perRequest === 1 ? messages[0] : { messages });
      const answer = await request(`${url}${path}`, { method: "POST", headers, body, dispatcher });
      const text = await answer.body.text();
      if (answer.statusCode !== wanted) throw new Error(`it answered ${answer.statusCode}: ${text}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    await dispatcher.close();
  }
  const { user, system } = process.cpuUsage(used);
  return { seconds: (performance.now() - begin) / 1_000, cpuMicroseconds: (user + system) / count };
};
