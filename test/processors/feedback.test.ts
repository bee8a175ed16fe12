import { expect, it } from "vitest";
import type { ConclusionPorts } from "../../processors/conclude.js";
import { createFeedback } from "../../processors/feedback.js";
import { noContent } from "../../schemas/no-content.js";
import { commandTo } from "../support/commands.js";
import { madeOf } from "../support/made-of.js";
import { memoryPorts, plainCodec, policyWith, stageContext } from "../support/stage-context.js";

const command = commandTo("sms", "+14155550100");
const endingBy = (cause: string) => ({
  command,
  conclusion: {
    subject: command,
    stage: "feedback",
    status: "delivered",
    reason: null,
    attempt: 1,
    provider: "a",
    providerMessageId: null,
    cause,
  } as const,
});

it("an end is told, and of the message only what engagement needs is kept", async () => {
  const ports = memoryPorts();
  const { context, emitted } = stageContext<ConclusionPorts>();
  await madeOf(createFeedback({ ...ports, policy: policyWith() }).process(endingBy("one"), context));
  expect(emitted.feedback).toMatchObject([{ status: "delivered" }]);
  const kept = await plainCodec.decode((await ports.cache.get(command.messageId)) ?? null);
  expect(kept).toMatchObject({ tenant: "acme", to: "+14155550100", content: noContent });
});

it("a late end changes nothing of what is kept", async () => {
  const ports = memoryPorts();
  const stage = createFeedback({ ...ports, policy: policyWith() });
  await madeOf(stage.process(endingBy("one"), stageContext<ConclusionPorts>().context));
  await ports.cache.put(command.messageId, Buffer.from("kept"), 60_000);
  const late = stageContext<ConclusionPorts>();
  await madeOf(stage.process(endingBy("two"), late.context));
  expect(late.emitted).toMatchObject({ lineage: [{ outcome: "late" }] });
  expect(await ports.cache.get(command.messageId)).toEqual(Buffer.from("kept"));
});
