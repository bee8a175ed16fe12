import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import { callHttp } from "../../../sinks/providers/http-call.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo } from "../../support/commands.js";
import { passTime } from "../../support/pass-time.js";

const command = commandTo("sms", "+14155550100");
const context = { idempotencyToken: "m:1" };
const delivered: SendOutcome = { kind: "delivered", providerMessageId: null };

const providerOf = (send: Provider["send"]): Provider => ({
  name: "a",
  channel: "sms",
  send,
  healthCheck: async () => "",
  close: async () => undefined,
});
const silent = providerOf(() => new Promise(() => undefined));

/** A server in another process, which answers while this one is stalled. */
const slowServer = `
require("node:http")
  .createServer((_, response) => setTimeout(() => response.end("{}"), 100))
  .listen(0, "127.0.0.1", function () { console.log(this.address().port); });
`;

it("reads an answer that arrived while this process was stalled", async () => {
  const server = spawn(process.execPath, ["-e", slowServer], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = await once(server.stdout, "data");
    const url = `http://127.0.0.1:${String(port).trim()}`;
    const provider = providerOf(async (_, { signal }) => {
      const { ok } = await callHttp({ url, method: "POST", headers: {}, body: "{}", signal });
      return ok ? delivered : { kind: "ambiguous", reason: "provider_unavailable", detail: "" };
    });
    expect(await withDeadline(provider, 1_000, systemClock).send(command, context)).toEqual(delivered);
    const sent = withDeadline(provider, 1_000, systemClock).send(command, context);
    await new Promise((resolve) => setTimeout(resolve, 30));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    expect(await sent).toEqual(delivered);
  } finally {
    server.kill();
  }
});

it("extends a late deadline by the stall, and marks an outcome that comes after one", async () => {
  const clock = createVirtualClock();
  const ended: SendOutcome[] = [];
  const send = async (): Promise<void> => void ended.push(await withDeadline(silent, 10_000, clock).send(command, context));
  const sent = send();
  clock.advance(13_000);
  await passTime(clock, 2_999);
  expect(ended).toEqual([]);
  await passTime(clock, 1);
  await sent;
  expect(ended).toMatchObject([{ kind: "ambiguous", reason: "provider_timeout", stalled: true }]);
});

it("ends a call on time in a process that runs, and after a bounded number of stalls in one that hardly does", async () => {
  const clock = createVirtualClock();
  const onTime = withDeadline(silent, 10_000, clock).send(command, context);
  clock.advance(10_000);
  expect(await onTime).toEqual({ kind: "ambiguous", reason: "provider_timeout", detail: "a did not answer within 10000 ms" });
  const late = withDeadline(silent, 10_000, clock).send(command, context);
  for (let stalls = 0; stalls < 4; stalls += 1) clock.advance(60_000);
  expect(await late).toMatchObject({ kind: "ambiguous", stalled: true });
});
