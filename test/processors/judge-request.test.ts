import { expect, it } from "vitest";
import { judgeRequest } from "../../processors/judge-request.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { emailTo, requestOf } from "../support/requests.js";
import { policyWith } from "../support/stage-context.js";

const nowMs = Date.UTC(2026, 0, 1);
const policy = policyWith();
const judge = (more: Partial<MessageRequested> = {}) => judgeRequest(requestOf(emailTo("success"), nowMs, more), "high", policy, {}, nowMs);

it("a request that its sender's checks let pass is a message, in the topic's lane unless it names one", () => {
  expect(judge({ lane: null })).toMatchObject({ errors: [], message: { channel: "email", lane: "high" } });
  expect(judge({ lane: "bulk" }).message?.lane).toBe("bulk");
});

it.each<[Partial<MessageRequested>, string, string]>([
  [{ id: "a b" }, "id", "invalid_request"],
  [{ id: "<a>" }, "id", "invalid_request"],
  [{ to: "nobody" }, "to", "invalid_recipient"],
  [{ lane: "urgent" }, "lane", "unknown_lane"],
  [{ from: "someone@else.example" }, "from", "sender_not_allowed"],
])("%j is refused at %s as %s", (more, field, reason) => {
  const { errors, message } = judge(more);
  expect(message).toBeUndefined();
  expect(errors).toContainEqual(expect.objectContaining({ field, reason }));
});

it("an empty id is one that Carillon makes", () => {
  expect(judge({ id: "" }).errors).toEqual([]);
});
