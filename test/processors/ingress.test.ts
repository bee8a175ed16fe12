import { expect, it } from "vitest";
import { idFromKey } from "../../client/complete-message.js";
import type { RecordInfo } from "../../engine/stage.js";
import { createIngress, type IngressPorts } from "../../processors/ingress.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { emailTo, requestOf } from "../support/requests.js";
import { stageContext } from "../support/stage-context.js";

const topic = "carillon.ingress.shop";
const ingress = createIngress((name) => (name === topic ? "shop" : undefined));
const pass = (more: Partial<MessageRequested>, record: Partial<RecordInfo> = {}) => {
  const { context } = stageContext<IngressPorts>({ topic, origin: `${topic}/0/7`, lane: null, ...record });
  return ingress.process(requestOf(emailTo("success"), 0, { tenant: "", id: "", ...more }), context);
};

it("gives a request the tenant of its topic, and an id by its key", () => {
  expect(pass({ idempotencyKey: "k" })).toMatchObject({ tenant: "shop", id: idFromKey("shop", "k"), idempotencyKey: "k" });
  expect(pass({ tenant: "shop", id: idFromKey("shop", "k"), idempotencyKey: "k" })).toMatchObject({ id: idFromKey("shop", "k") });
});

it("takes no place in a plan of steps from a tenant", () => {
  const fallback = { recipientId: "r", step: 1, unless: "delivered", untilMs: 1, why: null };
  expect(pass({ fallback })).toMatchObject({ fallback: null });
});

it("derives the id from the first position of the record, if there is no key", () => {
  const id = idFromKey("shop", `record ${topic}/0/7`);
  expect(pass({})).toMatchObject({ tenant: "shop", id, idempotencyKey: null });
  expect(pass({ idempotencyKey: "" })).toMatchObject({ id });
  expect(pass({}, { offset: 9 })).toMatchObject({ id });
});

it.each([
  ["tenant", { tenant: "bank" }, {}],
  ["id", { id: idFromKey("bank", "k"), idempotencyKey: "k" }, {}],
  ["id", { id: "m-1" }, {}],
  ["carillon-origin", {}, { origin: "carillon.ingress.shop-2/0/1" }],
])("refuses a foreign %s", (field, more, record) => {
  expect(() => pass(more, record)).toThrow(expect.objectContaining({ code: "FORBIDDEN", field, retryable: false }));
});

it("takes no request from a topic without a tenant", () => {
  expect(() => pass({}, { topic: "carillon.requests.normal", origin: "carillon.requests.normal/0/1" })).toThrow(/no tenant has the topic/);
});
