import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentFields } from "../../channels/content-fields.js";
import { type ContentPart, contentParts } from "../../channels/content-parts.js";
import { contentRecord } from "../../channels/content-record.js";
import { rulesOf } from "../../channels/rules-of.js";
import { messageGiven } from "../../client/message-input.js";
import { noContent } from "../../schemas/no-content.js";
import { channels } from "../../schemas/vocabulary.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { parameters, timeoutMs } from "../properties/property.js";
import { requestOf } from "../support/requests.js";

const text = fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z]$/);
const file = fc.record({
  filename: fc.constantFrom("a.pdf", "b c.txt"),
  contentType: fc.constantFrom("application/pdf", "text/plain"),
  contentId: fc.constantFrom("logo", "logo@shop.example"),
  content: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")),
});

/** Values in their normal form. Texts with a special form have their own arbitrary; all others use the one for their kind. */
const ofForm: Partial<Record<ContentPart, fc.Arbitrary<unknown>>> = {
  replyTo: fc.constantFrom("a@b.example", "Support <a@b.example>"),
  unsubscribeUrl: fc.constantFrom("https://shop.example/u", "https://shop.example/u?id=1"),
};

const arbitraryOf = (part: ContentPart): fc.Arbitrary<unknown> => {
  const { preset } = contentFields[part];
  if (Array.isArray(preset)) return fc.array(file, { minLength: 1, maxLength: 2 });
  return ofForm[part] ?? (preset === null ? text : fc.dictionary(fc.constantFrom("a", "b"), text, { minKeys: 1 }));
};

/** Content with all parts that a channel supports. */
const contentOf = (parts: readonly ContentPart[]) => fc.record(Object.fromEntries(parts.map((part) => [part, arbitraryOf(part)])));

describe("the fields of content", () => {
  it("are those that senders write, that the records have, and that an empty content has", () => {
    expect(Object.keys(messageGiven.shape.content.unwrap().parse({})).sort()).toEqual([...contentParts].sort());
    expect(contentRecord.fields.map(({ name }) => name)).toEqual(contentParts);
    expect(Object.entries(noContent)).toEqual(contentParts.map((part) => [part, contentFields[part].preset]));
  });

  it("are each carried by a channel", () => {
    const carried = channels.flatMap((channel) => rulesOf(channel).content.parts);
    expect(contentParts.filter((part) => !carried.includes(part))).toEqual([]);
  });

  it.each(channels)(
    "arrive at a provider of %s as they were sent",
    async (channel) => {
      const { content, sandbox } = rulesOf(channel);
      await fc.assert(
        fc.asyncProperty(contentOf(content.parts), async (sent) => {
          const driver = await createDeliveryTestDriver();
          const to = sandbox.example.replace("flaky", "success");
          await driver.pipe(driver.assembly.families.requests, requestOf({ channel, to, content: sent }, driver.clock.now()));
          await driver.advance(1_000);
          expect(driver.delivered).toHaveLength(1);
          expect(driver.delivered[0]?.content).toEqual({ ...noContent, ...sent });
        }),
        { ...parameters, numRuns: 10 },
      );
    },
    timeoutMs,
  );
});
