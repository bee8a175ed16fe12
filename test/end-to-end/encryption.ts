import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../support/scratch.js";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "./harness.js";
import { storedIn } from "./stored.js";

const marker = "qzxjkv";
const recipients = {
  email: `success+${marker}@sandbox.carillon.test`,
  sms: "+14155550102",
  later: `later+${marker}@sandbox.carillon.test`,
};
const said = `Your code is 4711-${marker}`;

/** Messages that leave data everywhere: delivered, retried (timers), scheduled (timers, message cache). */
const sendAll = async (delivery: Delivery): Promise<string> => {
  const content = { subject: said, title: said, text: said };
  const id = await delivery.send({ channel: "email", to: recipients.email, content, lane: "high" });
  const retried = await delivery.send({ channel: "sms", to: recipients.sms, content: { text: said } });
  const notBefore = new Date(Date.now() + 3_600_000).toISOString();
  await delivery.send({ channel: "email", to: recipients.later, content, notBefore });
  expect((await delivery.final(id)).status).toBe("delivered");
  expect((await delivery.final(retried)).attempts).toBe(3);
  return id;
};

/** Places that contain one of the texts unencrypted. */
const readablePlaces = async (delivery: Delivery): Promise<string[]> =>
  Object.entries(await storedIn(delivery)).flatMap(([place, text]) =>
    [marker, recipients.sms].filter((part) => text.includes(part)).map((part) => `${part} in ${place}`),
  );

export const describeEncryption = (options: DeliveryOptions): void => {
  describe(`encryption at rest, ${nameOf(options)}`, () => {
    const folder = scratchFolder();
    const keyFile = join(folder.path, "key");
    writeFileSync(keyFile, randomBytes(32).toString("base64"));
    const encryption = { active: "k1", keys: { k1: { secret: `\${file:${keyFile}}` } } };
    afterAll(() => folder.remove());

    it("leaves no recipient and no content readable in any store, and tells them to those who ask Carillon", async () => {
      const delivery = await startDelivery({ ...options, config: { encryption, delivery: { keepExchanges: "all" } } });
      try {
        const id = await sendAll(delivery);
        expect(await readablePlaces(delivery)).toEqual([]);
        expect(await delivery.view(id)).toMatchObject({ to: recipients.email });
        expect(await delivery.stores.lineage.query("messages_email", { to: recipients.email })).toMatchObject([{ _id: id }]);
      } finally {
        await delivery.stop();
      }
    }, 90_000);

    it("finds them everywhere without it, so that the search is known to find", async () => {
      const delivery = await startDelivery(options);
      try {
        await sendAll(delivery);
        const places = Object.keys(await storedIn(delivery));
        expect(await readablePlaces(delivery)).toEqual(
          places.flatMap((place) => [`${marker} in ${place}`, `${recipients.sms} in ${place}`]),
        );
      } finally {
        await delivery.stop();
      }
    }, 90_000);
  });
};
