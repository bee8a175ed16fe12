import { expect, it } from "vitest";
import { createTroubleLog } from "../../../operations/telemetry/trouble-log.js";
import { CarillonError } from "../../../schemas/errors.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const start = () => {
  const clock = createVirtualClock();
  const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly text: string }[] = [];
  const write = (fields: object, text: string): void => {
    lines.push({ fields: fields as Record<string, unknown>, text });
  };
  const logger = { warn: write, info: write } as unknown as Parameters<typeof createTroubleLog>[0]["logger"];
  return { clock, lines, log: createTroubleLog({ logger, clock, mask: (text) => text.replaceAll("secret", "***") }) };
};

const away = (port: number) => new CarillonError("UNAVAILABLE", `Redis: connect ECONNREFUSED 127.0.0.1:${port}`);

it("logs one line when a server goes away, whichever queues meet it, and one with the duration when it is well again", () => {
  const { clock, lines, log } = start();
  const words = ["connect ECONNREFUSED 127.0.0.1:9092", "No broker available", "The coordinator is loading"];
  for (let second = 0; second < 35; second += 1) {
    for (let queue = 0; queue < 7; queue += 1) {
      const topic = `carillon.dispatch.email.${["critical", "high", "normal", "bulk", "a", "b", "c"][queue]}`;
      const message = `the consumer of ${topic} failed: ${words[second % 3]}`;
      log.note(`dispatch/${queue}`, new CarillonError("UNAVAILABLE", message, { server: "Kafka" }));
    }
    clock.advance(1_000);
  }
  expect(lines).toMatchObject([{ fields: { where: "Kafka" }, text: "failed: Carillon will retry" }]);
  for (let step = 0; step < 6; step += 1) clock.advance(15_000);
  expect(lines.slice(1)).toEqual([{ fields: { where: "Kafka", parts: 7, times: 245, lastedMs: 34_000 }, text: "recovered" }]);
});

it("knows a server by the address in the error's words, and tells two of them apart", () => {
  const { lines, log } = start();
  for (const port of [6_379, 6_380, 6_379]) for (const part of ["redis", "expire_listener", "dispatch/a"]) log.note(part, away(port));
  expect(lines.map(({ fields }) => fields.where)).toEqual(["127.0.0.1:6379", "127.0.0.1:6380"]);
});

it("keeps what one queue alone meets apart from a server that is away", () => {
  const { clock, lines, log } = start();
  log.note("record/lineage", new CarillonError("UNAVAILABLE", "cannot consume lineage: x", { server: "Kafka" }));
  for (const topic of ["a", "b"]) log.note(`record/${topic}`, new CarillonError("UNAVAILABLE", `cannot consume ${topic}: no such topic`));
  log.note("record/a", new TypeError("x is not a function"));
  clock.advance(1_000);
  expect(lines.map(({ fields }) => fields.where)).toEqual(["Kafka", "record/a", "record/b", "record/a"]);
});

it("reminds of trouble that goes on, with the repeats counted", () => {
  const { clock, lines, log } = start();
  for (let second = 0; second <= 300; second += 10) {
    log.note("redis", away(6_379));
    clock.advance(10_000);
  }
  expect(lines[1]).toMatchObject({ text: "still failing: Carillon will retry", fields: { times: 31, sinceLastLine: 30 } });
});

it("promises another try only where there is one, and masks secrets", () => {
  const { lines, log } = start();
  log.note("job report", new CarillonError("CONFIG_INVALID", "the key secret is wrong"));
  log.note("job report", new TypeError("x is not a function"));
  expect(lines.map(({ text }) => text)).toEqual(["failed", "failed"]);
  expect(lines[0]?.fields.err).toBe("the key *** is wrong");
});
