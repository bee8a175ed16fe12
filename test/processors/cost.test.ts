import { expect, it } from "vitest";
import { costOf } from "../../processors/cost.js";
import { commandTo } from "../support/commands.js";
import { policyWith } from "../support/stage-context.js";

const policy = {
  ...policyWith(),
  providers: {
    twilio: {
      retry: {},
      retryBy: {},
      prices: [
        { prefix: "", mode: "per_message", amount: 0.1, currency: "USD" },
        { prefix: "+4", mode: "per_message", amount: 0.07, currency: "EUR" },
        { prefix: "+49", mode: "credit", amount: 2, currency: null },
      ],
    },
  },
} as const;

it.each([
  ["+14155550100", 1, { cost: "0.1", costMode: "per_message", currency: "USD" }],
  ["+44205550100", 3, { cost: "0.21", costMode: "per_message", currency: "EUR" }],
  ["+49305550100", 2, { cost: "4", costMode: "credit" }],
])("%s in %i parts costs by its longest prefix", (to, segments, cost) => {
  expect(costOf(commandTo("sms", to, { segments }), "twilio", policy)).toEqual(cost);
});

it("what has no parts counts once, and no price is no cost", () => {
  expect(costOf(commandTo("push", "+1", { segments: 0 }), "twilio", policy).cost).toBe("0.1");
  expect(costOf(commandTo("sms", "+1"), "other", policy)).toEqual({});
  expect(costOf(commandTo("sms", "+1"), "constructor", policy)).toEqual({});
});
