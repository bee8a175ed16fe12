import { expect, it } from "vitest";
import { lineageOf } from "../../processors/lineage-of.js";
import { commandTo } from "../support/commands.js";
import { stageContext } from "../support/stage-context.js";

const { context, clock } = stageContext();
const command = commandTo("sms", "+14155550100");

it("a step has the same id however often it is told, and another one by what tells it apart", () => {
  const step = { stage: "dispatch", outcome: "ok", attempt: 2 } as const;
  expect(lineageOf(context, command, step).eventId).toBe(`${command.messageId}:dispatch:2:ok`);
  expect(lineageOf(context, command, { ...step, discriminator: "r-1" }).eventId).toBe(`${command.messageId}:dispatch:2:ok:r-1`);
});

it("what a step does not say is null, its time is now, and nothing of the message but its names is in it", () => {
  expect(lineageOf(context, command, { stage: "route", outcome: "ok", attempt: 0 })).toEqual({
    eventId: `${command.messageId}:route:0:ok`,
    messageId: command.messageId,
    tenant: "acme",
    channel: "sms",
    lane: "normal",
    stage: "route",
    outcome: "ok",
    status: null,
    reason: null,
    attempt: 0,
    at: clock.now(),
    instance: "worker-1",
    provider: null,
    to: null,
    details: {},
    also: [],
  });
});
