import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sendRequest } from "../../wire/http-request.js";

/** A server in a thread of its own, so that it runs while this one is stalled. It closes connections that are unused for 300 ms. */
const server = `
const { createServer } = require("node:net");
const { parentPort } = require("node:worker_threads");
let connections = 0;
createServer((socket) => {
  connections += 1;
  socket.setTimeout(300, () => socket.end());
  socket.on("error", () => undefined);
  socket.on("data", () => socket.write("HTTP/1.1 200 OK\\r\\ncontent-length: " + String(connections).length + "\\r\\n\\r\\n" + connections));
}).listen(0, "127.0.0.1", function () { parentPort.postMessage(this.address().port); });
`;

let worker: Worker;
let url = "";
beforeAll(async () => {
  worker = new Worker(server, { eval: true });
  const [port] = await once(worker, "message");
  url = `http://127.0.0.1:${port}/`;
});
afterAll(() => worker.terminate());

const connectionOf = async (): Promise<string> => {
  const { body } = await sendRequest({ url, method: "POST", headers: {}, body: "x", signal: undefined, isDirect: true });
  return body.text();
};

const stallThisThread = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

it("requests share connections, and after a stall of this process none uses one that the server may have closed", async () => {
  let last = 0;
  for (let request = 0; request < 10; request += 1) last = Number(await connectionOf());
  expect(last).toBeLessThan(10);
  for (let stall = 0; stall < 3; stall += 1) {
    stallThisThread(1_500);
    const fresh = Number(await connectionOf());
    expect(fresh).toBeGreaterThan(last);
    last = fresh;
  }
});
