import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { watchAnswers } from "../../stores/event-log/kafka/answered-sockets.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { eventually } from "../support/eventually.js";
import { passTime } from "../support/pass-time.js";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A connection to a server that answers with `answer`; `ended` once the watch has given it up. */
const watched = async (answer: (socket: Socket, data: Buffer) => void, policy = { silenceMs: 1_500, joinSilenceMs: 60_000 }) => {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (data) => answer(socket, data));
    socket.on("error", () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  const clock = createVirtualClock();
  let [ended, answers] = [false, 0];
  watchAnswers(
    socket,
    policy,
    () => {
      ended = true;
      socket.destroy();
    },
    clock,
  );
  socket.on("data", () => {
    answers += 1;
  });
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { socket, ended: () => ended, answers: () => answers, pass: (ms: number) => passTime(clock, ms, 100) };
};

/** The first bytes of a Kafka protocol request. */
const request = (apiKey: number): Buffer => Buffer.from([0, 0, 0, 8, 0, apiKey, 0, 0, 0, 0, 0, 1]);
const [produce, heartbeat, joinGroup] = [0, 12, 11];

it("ends a connection on which a broker owes an answer, however much is written to it", async () => {
  const { socket, ended, pass } = await watched(() => undefined);
  for (let writes = 0; writes < 40; writes += 1) {
    if (socket.writable) socket.write(request(heartbeat));
    await pass(100);
  }
  expect(ended()).toBe(true);
});

it("keeps a connection that is idle, and one on which answers come", async () => {
  const idle = await watched(() => undefined);
  const busy = await watched((socket) => socket.write("answer"));
  for (let writes = 1; writes <= 14; writes += 1) {
    busy.socket.write(request(produce));
    await eventually(busy.answers, (answers) => answers === writes, 5_000, 1);
    await Promise.all([idle.pass(300), busy.pass(300)]);
  }
  expect([idle.ended(), busy.ended()]).toEqual([false, false]);
});

it("waits longer for the others of a group to join", async () => {
  const { socket, ended, pass } = await watched(() => undefined);
  socket.write(request(joinGroup));
  await pass(4_000);
  expect(ended()).toBe(false);
});
