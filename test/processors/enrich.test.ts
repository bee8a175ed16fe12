import { expect, it } from "vitest";
import { noTenantRules } from "../../access/tenant-rules.js";
import type { MessageInput } from "../../client/message-input.js";
import type { ConclusionPorts } from "../../processors/conclude.js";
import { createEnrich } from "../../processors/enrich.js";
import { createTemplateRenderer } from "../../processors/render-template.js";
import { createValidate } from "../../processors/validate.js";
import { madeOf } from "../support/made-of.js";
import { requestOf } from "../support/requests.js";
import { memoryPorts, policyWith, stageContext } from "../support/stage-context.js";

const policy = policyWith({
  channels: { sms: { from: "CARILLON", expiresAfterMs: 3_600_000, senders: [{ tenant: "acme", prefix: "+49", from: "ACME" }] } },
});
const templates = createTemplateRenderer({ otp: { sms: { text: "Code {{ code }}" } } });

const enrich = async (input: MessageInput) => {
  const { context, clock, emitted, ...rest } = stageContext<ConclusionPorts>();
  const { claims } = memoryPorts(clock);
  const valid = await madeOf(createValidate({ claims, policy, rulesOf: noTenantRules }).process(requestOf(input, clock.now()), context));
  if (!valid) throw new Error("the request did not pass");
  const out = await madeOf(createEnrich({ claims, templates, policy, rulesOf: noTenantRules }).process(valid, context));
  return { out, clock, lineage: emitted.lineage?.slice(2) ?? [], feedback: emitted.feedback ?? [], ...rest };
};

it("sender, expiry and parts are filled in", async () => {
  const { out, clock, lineage } = await enrich({ channel: "sms", to: "+14155550100", content: { text: "x".repeat(200) } });
  expect(out?.command).toMatchObject({
    from: "CARILLON",
    segments: 2,
    attempt: 1,
    expiresAt: clock.now() + 3_600_000,
    provider: null,
    tried: [],
  });
  expect(out?.notBeforeMs).toBeNull();
  expect(lineage).toMatchObject([{ stage: "enrich", outcome: "ok", status: "enriched", details: { segments: "2" } }]);
});

it("the sender that fits best is used, and what the message names goes before it", async () => {
  expect((await enrich({ channel: "sms", to: "+491711234567", content: { text: "Hi" } })).out?.command.from).toBe("ACME");
  expect((await enrich({ channel: "sms", to: "+491711234567", from: "CARILLON", content: { text: "Hi" } })).out?.command.from).toBe(
    "CARILLON",
  );
});

it("a message that waits expires after its notBefore", async () => {
  const notBefore = Date.UTC(2026, 0, 2);
  const { out } = await enrich({ channel: "sms", to: "+14155550100", notBefore, content: { text: "Hi" } });
  expect(out).toMatchObject({ notBeforeMs: notBefore, command: { notBefore, expiresAt: notBefore + 3_600_000 } });
});

it("content comes from the template", async () => {
  const { out, lineage } = await enrich({ channel: "sms", to: "+14155550100", template: "otp", variables: { code: "42" } });
  expect(out?.command.content.text).toBe("Code 42");
  expect(lineage[0]?.details).toMatchObject({ template: "otp" });
});

it.each([
  ["no-such", {}, "unknown_template"],
  ["otp", {}, "template_failed"],
])("template %s with %j ends the message: %s", async (template, variables, reason) => {
  const { out, feedback } = await enrich({ channel: "sms", to: "+14155550100", template, variables });
  expect(out).toBeUndefined();
  expect(feedback).toMatchObject([{ status: "failed", reason }]);
});
