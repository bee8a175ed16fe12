import { type AddressInfo, connect } from "node:net";
import { fastify } from "fastify";
import { afterEach, expect, it } from "vitest";
import { limitBodies } from "../../http/body-deadline.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { passTime } from "../support/pass-time.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server that waits for bodies, and a connection to it. `answer`: all that the server has sent. */
const start = async () => {
  const clock = createVirtualClock();
  const app = fastify({ requestTimeout: 0 });
  limitBodies(app, clock);
  const received = new Promise<void>((resolve) => app.addHook("onRequest", async () => resolve()));
  app.post("/", async () => "done");
  await app.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  ends.push(async () => {
    socket.destroy();
    await app.close();
  });
  const head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{";
  socket.write(head);
  await received;
  return { socket, closed, answer: () => text, pass: (ms: number) => passTime(clock, ms, 1_000) };
};

it("answers 408 when a body does not arrive in time", async () => {
  const { closed, answer, pass } = await start();
  await pass(29_000);
  expect(answer()).toBe("");
  await pass(2_000);
  await closed;
  expect(answer()).toMatch(/^HTTP\/1.1 408 /);
});

it("takes a slow body that arrives in time", async () => {
  const { socket, closed, answer, pass } = await start();
  await pass(29_000);
  socket.write("}");
  await closed;
  await pass(60_000);
  expect(answer()).toMatch(/^HTTP\/1.1 200 /);
});
