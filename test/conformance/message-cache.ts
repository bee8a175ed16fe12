import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MessageCache } from "../../stores/message-cache/message-cache.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

/** Conformance suite of MessageCache. */
export const describeMessageCache = (factory: PortFactory<MessageCache>): void => {
  describe(`MessageCache on ${factory.name}`, () => {
    let cache: MessageCache;
    let id: string;
    beforeAll(async () => {
      cache = await factory.open();
    });
    beforeEach(() => {
      id = uniqueName("message");
    });
    afterAll(async () => {
      await cache.close();
      await factory.dispose?.();
    });

    it("gives back the bytes it was given, the latest ones", async () => {
      await cache.put(id, Buffer.from([0, 1, 255]), 60_000);
      expect(await cache.get(id)).toEqual(Buffer.from([0, 1, 255]));
      await cache.put(id, Buffer.from([7]), 60_000);
      expect(await cache.get(id)).toEqual(Buffer.from([7]));
    });

    it("knows nothing of what it was not given", async () => {
      expect(await cache.get(id)).toBeUndefined();
      expect(await cache.resolve("ses", id)).toBeUndefined();
    });

    it("resolves a provider's id to message and attempt, per provider", async () => {
      await cache.link("ses", id, { messageId: "m-1", attempt: 2 }, 60_000);
      expect(await cache.resolve("ses", id)).toEqual({ messageId: "m-1", attempt: 2 });
      expect(await cache.resolve("smtp", id)).toBeUndefined();
    });

    it("forgets after the time to live, and a later write extends it", async () => {
      await cache.put(id, Buffer.from("a"), 150);
      await cache.link("ses", id, { messageId: "m", attempt: 1 }, 150);
      await cache.put(`${id}-kept`, Buffer.from("a"), 150);
      await cache.put(`${id}-kept`, Buffer.from("b"), 60_000);
      await factory.pass(200);
      expect(await cache.get(id)).toBeUndefined();
      expect(await cache.resolve("ses", id)).toBeUndefined();
      expect(await cache.get(`${id}-kept`)).toEqual(Buffer.from("b"));
    });

    it("keeps and finds many at once, in the order of the questions", async () => {
      const ids = Array.from({ length: 600 }, (_, index) => `${id}-${index}`);
      await cache.putAll(ids.map((messageId, index) => ({ messageId, value: Buffer.from([0, index % 256, 255]), ttlMs: 60_000 })));
      const found = await cache.getAll([...ids, `${id}-none`]);
      expect(found.map((value) => value?.[1])).toEqual([...ids.map((_, index) => index % 256), undefined]);
      const links = ids.slice(0, 3).map((messageId, attempt) => ({ messageId, attempt, sentAtMs: 5 }));
      await cache.linkAll(
        links.map((reference) => ({ provider: "ses", providerMessageId: reference.messageId, reference, ttlMs: 60_000 })),
      );
      const asked = [...ids.slice(0, 3), `${id}-none`].map((providerMessageId) => ({ provider: "ses", providerMessageId }));
      expect(await cache.resolveAll(asked)).toEqual([...links, undefined]);
      expect([await cache.getAll([]), await cache.resolveAll([])]).toEqual([[], []]);
    });
  });
};
