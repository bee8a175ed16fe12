import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, it } from "vitest";
import { createLongWork } from "../../http/work/long-work.js";
import type { Logger } from "../../operations/telemetry/logger.js";
import type { Watch } from "../../operations/watch.js";
import { CarillonError } from "../../schemas/errors.js";
import { type Clock, sleepBy, systemClock } from "../../stores/clock.js";
import { eventually } from "../support/eventually.js";

/** Fifty times as fast as the real one. */
const speed = 50;
const after: Clock["after"] = (ms, then) => systemClock.after(ms / speed, then);
const clock: Clock = { ...systemClock, elapsed: () => performance.now() * speed, after, sleep: sleepBy(after) };
const lines = { accept: "application/x-ndjson" };

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

const serve = async (work: (watch: Watch) => Promise<object>) => {
  const logged: object[] = [];
  const logger = { error: (entry: object) => logged.push(entry) } as unknown as Logger;
  app = Fastify({ forceCloseConnections: true });
  const answerWork = createLongWork(app, {
    logger,
    clock,
    mask: (text) => text.replaceAll("secret", "***"),
    record: async () => undefined,
  });
  app.post("/work", (request, reply) => answerWork(request, reply, work));
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/work`;
  const post = (headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(url, { method: "POST", headers, signal: signal ?? null });
  return { post, logged };
};

const afterMs = (ms: number): Promise<void> => clock.sleep(ms);
const linesOf = async (response: Response): Promise<unknown[]> =>
  (await response.text())
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

it("answers work that is done soon as any other request", async () => {
  const { post } = await serve(async () => ({ done: 1 }));
  for (const headers of [{}, lines]) {
    const response = await post(headers);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual({ done: 1 });
  }
});

it("reports progress in lines, and the result in the last one", async () => {
  let seen: string[] = [];
  const untilSeen = (count: number): Promise<unknown> =>
    eventually(
      () => seen.length,
      (found) => found >= count,
    );
  const { post } = await serve(async ({ progress }) => {
    progress(1, 2);
    await untilSeen(1);
    progress(2, 2);
    await untilSeen(2);
    return { done: 2 };
  });
  const response = await post(lines);
  expect(response.status).toBe(200);
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    seen = text.split("\n").filter((line) => line !== "");
  }
  expect(seen).toEqual(['{"progress":{"done":1,"all":2}}', '{"progress":{"done":2,"all":2}}', '{"result":{"done":2}}']);
});

it("keeps a connection open while nothing moves", async () => {
  const { post } = await serve(async () => {
    await afterMs(25_000);
    return {};
  });
  expect(await (await post(lines)).text()).toMatch(/^\n\n?\{"result":\{\}\}\n$/);
});

it("tells a late refusal with its fix, and of a fault neither words nor secrets", async () => {
  const errors = [new CarillonError("NOT_FOUND", "there is no secret", { fix: "look" }), new Error("at 10.0.0.1")];
  let fail: () => void = () => undefined;
  const { post, logged } = await serve(async () => {
    await new Promise<void>((resolve) => {
      fail = resolve;
    });
    throw errors.shift();
  });
  /** The lines of work that fails once its answer has begun. */
  const failLate = async (): Promise<unknown[]> => {
    const response = await post(lines);
    fail();
    return linesOf(response);
  };
  expect(await failLate()).toMatchObject([{ problem: { status: 404, code: "NOT_FOUND", detail: "there is no ***" } }]);
  expect(logged).toEqual([]);
  expect(await failLate()).toMatchObject([{ problem: { status: 500, detail: "an internal error, which was logged" } }]);
  expect(logged).toMatchObject([{ err: "at 10.0.0.1", status: 500 }]);
});

it("stops work that can stop when its caller leaves, unless it only waits for the result", async () => {
  const signals: AbortSignal[] = [];
  const { post } = await serve(async ({ signal, progress }) => {
    signals.push(signal);
    progress(1);
    await clock.sleep(60_000, signal);
    return {};
  });
  for (const headers of [lines, {}]) {
    const leaving = new AbortController();
    const asked = post(headers, leaving.signal).then((response) => response.text());
    asked.catch(() => undefined);
    const count = signals.length;
    await eventually(
      () => signals.length,
      (found) => found > count,
    );
    await afterMs(2_000);
    leaving.abort();
    await expect(asked).rejects.toThrow();
  }
  await eventually(
    () => signals[0]?.aborted,
    (aborted) => aborted === true,
  );
  expect(signals[1]?.aborted).toBe(false);
});

it("does at most eight tasks at once", async () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { post } = await serve(async () => {
    await ended;
    return {};
  });
  const asked = Array.from({ length: 9 }, () => post());
  const first = await Promise.race(asked);
  expect(first.status).toBe(503);
  expect(first.headers.get("retry-after")).toBe("2");
  end();
  expect((await Promise.all(asked)).filter(({ status }) => status === 200)).toHaveLength(8);
});
