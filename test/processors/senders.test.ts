import { afterEach, describe, expect, it } from "vitest";
import type { MessageRequested } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

describe("a request that a foreign producer writes", () => {
  let driver: DeliveryTestDriver;
  afterEach(async () => {
    await driver.advance(0);
  });

  const pipe = async (config: object, more: Partial<MessageRequested>, input = emailTo("success")) => {
    driver = await createDeliveryTestDriver(config);
    const request = requestOf(input, driver.clock.now(), more);
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(60_000);
    const [feedback] = await driver.read(driver.assembly.families.feedback);
    return { document: await driver.lineage(request.id), feedback, delivered: driver.delivered };
  };

  it.each([
    ["ends as failed where its tenant may not use the sender", {}, { from: "ceo@beta.example" }, "sender_not_allowed"],
    [
      "ends as failed where the sender carries a header",
      {},
      { from: "Shop <shop@example.com>\r\nBcc: victim@example.net" },
      "invalid_request",
    ],
    ["ends as failed where the tenant breaks a line", {}, { tenant: "acme\r\nx" }, "invalid_request"],
    ["ends as failed where the recipient is two", {}, { to: "a@b.example>, <c@d.example" }, "invalid_recipient"],
  ] as const)("%s, with its reason and feedback", async (_what, config, more, reason) => {
    const { document, feedback, delivered } = await pipe(config, more);
    expect(document).toMatchObject({ status: "failed", reason });
    expect(feedback).toMatchObject({ kind: "final", status: "failed", reason });
    expect(delivered).toEqual([]);
  });

  it("fails where its id would break a header", async () => {
    driver = await createDeliveryTestDriver();
    const id = "m1\r\nBcc: victim@example.net";
    await driver.pipe(driver.assembly.families.requests, requestOf(emailTo("success"), driver.clock.now(), { id }));
    await driver.advance(60_000);
    const [feedback] = await driver.read(driver.assembly.families.feedback);
    expect(feedback).toMatchObject({ status: "failed", reason: "invalid_request" });
    expect(driver.delivered).toEqual([]);
  });

  it.each([
    ["its channel's own", { channels: { email: { from: "shop@common.example" } } }, "Acme <shop@common.example>"],
    [
      "one that the configuration gives it",
      { channels: { email: { senders: [{ tenant: "acme", from: "a@acme.example" }] } } },
      "a@acme.example",
    ],
    ["an address of an allowed domain", { channels: { email: { allowSenders: [{ from: "@bücher.example" }] } } }, "a@bücher.example"],
    ["any, where it may", { tenants: { anySender: ["acme"] } }, "ceo@beta.example"],
  ])("may name as its sender %s", async (_what, config, from) => {
    const { document, delivered } = await pipe(config, { from });
    expect(document).toMatchObject({ status: "delivered" });
    expect(delivered).toHaveLength(1);
  });

  it("fails where a template renders a subject with a line break", async () => {
    const templates = { hello: { email: { subject: "Hi {{ name }}", text: "t" } } };
    const input = { ...emailTo("success"), content: undefined, template: "hello", variables: { name: "Ann\r\nBcc: victim@example.net" } };
    const { document, delivered } = await pipe({ templates }, {}, input);
    expect(document).toMatchObject({ status: "failed", reason: "invalid_content" });
    expect(delivered).toEqual([]);
  });
});
