import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../stores/clock.js";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { type LmdbEnvironment, openEnvironment } from "../../stores/lmdb-environment.js";
import { createThreadSignals, type ThreadSignals } from "../../stores/thread-signals.js";
import { createLmdbTimers } from "../../stores/timers/lmdb-timers.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";

let scratch: ReturnType<typeof scratchFolder>;
let environment: LmdbEnvironment;
let [one, other]: ThreadSignals[] = [];
beforeEach(() => {
  scratch = scratchFolder();
  environment = openEnvironment(scratch.path);
  const channel = uniqueName("signals");
  [one, other] = [createThreadSignals(channel), createThreadSignals(channel)];
});
afterEach(async () => {
  one?.close();
  other?.close();
  await environment.close();
  scratch.remove();
});

it("a signal reaches the other threads by its name, in order, and not the one that sent it", async () => {
  const heard: unknown[] = [];
  one?.subscribe("a", () => heard.push("itself"));
  other?.subscribe("a", (payload) => heard.push(payload));
  other?.subscribe("b", () => heard.push("another name"));
  const end = other?.subscribe("c", () => heard.push("ended"));
  end?.();
  for (const payload of [1, 2, 3]) one?.publish("a", payload);
  one?.publish("c", null);
  one?.publish("b", null);
  await eventually(
    () => heard,
    (all) => all.length === 4,
  );
  expect(heard).toEqual([1, 2, 3, "another name"]);
});

it("nothing is said after the end", () => {
  one?.close();
  expect(() => one?.publish("a", 1)).not.toThrow();
});

it("a thread that waits for a topic of the embedded log wakes when another has appended", async () => {
  const [writer, reader] = [one, other].map((signals) => createLmdbLog(environment, systemClock, { signals }));
  await writer?.ensureTopics([{ topic: "calls", partitions: 1, retentionMs: -1 }]);
  const beginMs = performance.now();
  const woken = reader?.changed("calls", 0, 30_000, new AbortController().signal);
  await writer?.append([{ topic: "calls", key: "k", value: Buffer.from("first") }]);
  await woken;
  expect(reader?.read("calls", 0, 0, 10).map(({ value }) => value?.toString())).toEqual(["first"]);
  expect(performance.now() - beginMs).toBeLessThan(10_000);
  await Promise.all([writer?.close(), reader?.close()]);
});

it("the thread that listens to timers hears at once of one that another has scheduled", async () => {
  const [writer, listener] = [one, other].map((signals) => createLmdbTimers(environment, systemClock, signals));
  const hints: { readonly id: string; readonly atMs: number }[] = [];
  const stop = await listener?.listen((ids) => hints.push(...ids.map((id) => ({ id, atMs: Date.now() }))));
  const dueAtMs = Date.now() + 100;
  await writer?.schedule([{ id: "soon", dueAtMs, record: { topic: "calls", key: "k", value: Buffer.alloc(0) } }]);
  const [hint] = await eventually(
    () => hints,
    (all) => all.length > 0,
  );
  expect(hint?.id).toBe("soon");
  // without signals it would look only once per second
  expect((hint?.atMs ?? 0) - dueAtMs).toBeLessThan(700);
  await stop?.();
});
