import { expect, it } from "vitest";
import { type ConclusionOutlets, tellOutside } from "../../processors/outside-telling.js";
import { commandTo } from "../support/commands.js";
import { memoryPorts } from "../support/stage-context.js";

const subject = commandTo("sms", "+14155550100");
const outlet = (topic: string) => ({
  record: (value: unknown) => ({ topic, key: null, value: Buffer.from(JSON.stringify(value)) }),
  append: async () => undefined,
});
const start = () => {
  const { claims } = memoryPorts();
  const outlets = { lineage: outlet("lineage"), feedback: outlet("feedback") } as unknown as ConclusionOutlets;
  return tellOutside({ instance: "worker-1", clock: { now: () => 5 }, claims, outlets });
};
const ending = {
  subject,
  stage: "feedback",
  status: "cancelled",
  reason: "recipient_erased",
  attempt: 0,
  provider: null,
  responseId: null,
  cause: "erase",
} as const;

it("a message that is ended outside of a stage leaves the records that a stage would emit", async () => {
  const telling = start();
  expect(await telling.conclude(ending, 60_000)).toBe(true);
  expect(telling.records.map(({ topic, value }) => [topic, JSON.parse(String(value))])).toMatchObject([
    ["lineage", { outcome: "cancelled", status: "cancelled", instance: "worker-1", at: 5 }],
    ["feedback", { kind: "final", status: "cancelled", reason: "recipient_erased" }],
  ]);
  expect(await telling.conclude({ ...ending, status: "failed", cause: "another" }, 60_000)).toBe(false);
});

it("steps are gathered in their order", () => {
  const telling = start();
  for (const outcome of ["one", "two"]) telling.step(subject, { stage: "feedback", outcome, attempt: 1 });
  expect(telling.records.map(({ value }) => JSON.parse(String(value)).outcome)).toEqual(["one", "two"]);
});
