import { expect, it } from "vitest";
import { CarillonError } from "../../schemas/errors.js";
import { createTroubleLog } from "../../service/trouble-log.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const start = () => {
  const clock = createVirtualClock();
  const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly text: string }[] = [];
  const write = (fields: object, text: string): void => {
    lines.push({ fields: fields as Record<string, unknown>, text });
  };
  const logger = { warn: write, info: write } as unknown as Parameters<typeof createTroubleLog>[0]["logger"];
  return { clock, lines, log: createTroubleLog({ logger, clock, mask: (text) => text.replaceAll("secret", "***") }) };
};

const away = (port: number) => new CarillonError("UNAVAILABLE", `Kafka: connect ECONNREFUSED 127.0.0.1:${port}`);

it("logs one line when a server goes away, none for repeats, and one with the duration when it is well again", () => {
  const { clock, lines, log } = start();
  for (let second = 0; second < 35; second += 1) {
    for (let queue = 0; queue < 7; queue += 1) log.note(`dispatch/${queue % 2}`, away(9_000 + queue));
    clock.advance(1_000);
  }
  expect(lines.map(({ text }) => text)).toEqual(["trouble: it will be tried again", "trouble: it will be tried again"]);
  for (let step = 0; step < 6; step += 1) clock.advance(15_000);
  expect(lines.slice(2)).toEqual([
    { fields: { where: "dispatch/0", times: 140, lastedMs: 34_000 }, text: "well again" },
    { fields: { where: "dispatch/1", times: 105, lastedMs: 34_000 }, text: "well again" },
  ]);
});

it("reminds of trouble that goes on, with the repeats counted", () => {
  const { clock, lines, log } = start();
  for (let second = 0; second <= 300; second += 10) {
    log.note("redis", away(6_379));
    clock.advance(10_000);
  }
  expect(lines[1]).toMatchObject({ text: "trouble goes on: it will be tried again", fields: { times: 31, sinceLastLine: 30 } });
});

it("promises another try only where there is one, and masks secrets", () => {
  const { lines, log } = start();
  log.note("job report", new CarillonError("CONFIG_INVALID", "the key secret is wrong"));
  log.note("job report", new TypeError("x is not a function"));
  expect(lines.map(({ text }) => text)).toEqual(["trouble", "trouble"]);
  expect(lines[0]?.fields.err).toBe("the key *** is wrong");
});
