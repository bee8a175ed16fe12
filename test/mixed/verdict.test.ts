import { expect, it } from "vitest";
import { planted } from "./planted.js";
import { problemsOf, type Seen } from "./verdict.js";

const step = (stage: string, more: Partial<Seen["lineage"][number]> = {}) => ({ stage, outcome: "ok", status: null, attempt: 0, ...more });
const sms = { id: "1", channel: "sms" };

const delivered: Seen = {
  id: "1",
  status: "delivered",
  final: true,
  lineage: [
    step("accept"),
    step("validate"),
    step("enrich"),
    step("route"),
    step("dispatch", { attempt: 1 }),
    step("response_handle", { status: "delivered", attempt: 1 }),
  ],
};
const without = (stage: string): Seen => ({ ...delivered, lineage: delivered.lineage.filter((one) => one.stage !== stage) });

it("finds nothing wrong with a message that was delivered with all its steps", () => {
  expect(problemsOf(sms, delivered)).toEqual([]);
});

it.each([
  ["is not known", sms, undefined, ["is not known"]],
  ["has not ended", sms, { ...delivered, status: "queued", final: false }, ["is queued, not final"]],
  ["ended otherwise", sms, { ...delivered, status: "failed" }, ["ended as failed"]],
  ["lacks a step", sms, without("enrich"), ["has no step of enrich"]],
  ["lacks the later version's step", { id: "1", channel: planted.channel }, delivered, [`has no step of ${planted.stage}`]],
  [
    "lacks an attempt",
    sms,
    { ...delivered, lineage: [...delivered.lineage, step("retry", { attempt: 2 })] },
    ["has no dispatch of attempt 2"],
  ],
  [
    "ended twice",
    sms,
    { ...delivered, lineage: [...delivered.lineage, step("retry", { status: "failed", attempt: 1 })] },
    ["has 2 final statuses: delivered, failed"],
  ],
])("finds a message that %s", (_what, sent, seen, problems) => {
  expect(problemsOf(sent, seen)).toEqual(problems);
});
