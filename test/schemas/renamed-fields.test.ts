import avro from "avsc";
import { expect, it } from "vitest";
import { createCodec } from "../../schemas/codec.js";
import { deliveryFeedback, providerReceipt, type RecordType, webhookDelivery } from "../../schemas/records.js";

/** The schema as it was when the field had its former name. */
const formerOf = ({ schema }: RecordType<unknown>): avro.Schema =>
  JSON.parse(
    JSON.stringify(schema).replaceAll('"name":"providerMessageId","aliases":["responseId"]', '"name":"responseId"'),
  ) as avro.Schema;

/** Decodes what a writer with the former schema encoded. */
const read = async (type: RecordType<unknown>, changed: (random: object) => object): Promise<unknown> => {
  const writer = avro.Type.forSchema(formerOf(type));
  const codec = createCodec(type, 1, { schema: async () => formerOf(type) as object });
  const value = writer.toBuffer(changed(writer.random() as object));
  return codec.decode(Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), value]));
};

it.each([providerReceipt, deliveryFeedback] as RecordType<unknown>[])(
  "$name of a writer that says responseId is read as providerMessageId",
  async (type) => {
    expect(JSON.stringify(formerOf(type))).not.toContain("providerMessageId");
    const value = await read(type, (random) => ({ ...random, responseId: "r-1" }));
    expect(value).toMatchObject({ providerMessageId: "r-1" });
    expect(value).not.toHaveProperty("responseId");
  },
);

it("so is the feedback within a webhook's event", async () => {
  const value = await read(webhookDelivery as RecordType<unknown>, (random) => {
    const { feedback } = random as { readonly feedback: object };
    return { ...random, feedback: { ...feedback, responseId: "r-2" } };
  });
  expect(value).toMatchObject({ feedback: { providerMessageId: "r-2" } });
});
