import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { watchAnswers } from "../../stores/event-log/kafka/answered-sockets.js";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A connection to a server that answers as `answer` does; `ended` once the watch gave it up. */
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
  let ended = false;
  watchAnswers(socket, policy, () => {
    ended = true;
    socket.destroy();
  });
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { socket, ended: () => ended };
};

/** The begin of a request of Kafka's protocol. */
const request = (apiKey: number): Buffer => Buffer.from([0, 0, 0, 8, 0, apiKey, 0, 0, 0, 0, 0, 1]);
const [produce, heartbeat, joinGroup] = [0, 12, 11];
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it("ends a connection on which a broker owes an answer, however much is written to it", async () => {
  const { socket, ended } = await watched(() => undefined);
  const writing = setInterval(() => socket.writable && socket.write(request(heartbeat)), 100);
  await pass(4_000);
  clearInterval(writing);
  expect(ended()).toBe(true);
});

it("keeps a connection that is idle, and one on which answers come", async () => {
  const idle = await watched(() => undefined);
  const busy = await watched((socket) => socket.write("answer"));
  const writing = setInterval(() => busy.socket.write(request(produce)), 300);
  await pass(4_000);
  clearInterval(writing);
  expect([idle.ended(), busy.ended()]).toEqual([false, false]);
});

it("waits longer for the others of a group to join", async () => {
  const { socket, ended } = await watched(() => undefined);
  socket.write(request(joinGroup));
  await pass(4_000);
  expect(ended()).toBe(false);
});
