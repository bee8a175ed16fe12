import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { noContent } from "../../schemas/no-content.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "./harness.js";

const secretKey = "a key of the receipts test";

/** For this recipient the provider reports before it answers. */
const hasty = "+14155550177";

/** Providers' receipts in every order, over HTTP and by query. */
export const describeReceipts = (options: DeliveryOptions): void => {
  describe(`receipts, ${nameOf(options)}`, () => {
    let peer: HttpPeer;
    let delivery: Delivery;
    let sent = 0;
    /** The provider's state of messages that it never reported on. */
    const known = new Map<string, string>();
    beforeAll(async () => {
      peer = await startHttpPeer((response, call) => {
        if (call.method === "GET") {
          const ids = new URL(call.url, "http://peer").searchParams.get("message_ids")?.split(",") ?? [];
          const data = ids.flatMap((id) => (known.has(id) ? [{ message_id: id, status: known.get(id) }] : []));
          return answerJson(200, { data })(response, call);
        }
        sent += 1;
        const { to, ref } = JSON.parse(call.body) as { to: string; ref: string };
        const answer = (): void => answerJson(202, { data: [{ message_id: `k-${ref}` }] })(response, call);
        if (to !== hasty) return answer();
        // reports before it answers
        return void callback({ id: `k-${ref}`, status: "DELIVRD" }).then(() => setTimeout(answer, 100));
      });
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own notation
      const key = "${env:CARILLON_TEST_KALEYRA_KEY}";
      const kaleyra = { type: "kaleyra", url: peer.url, sid: "HX1", apiKey: key, callback: { token: key } };
      process.env.CARILLON_TEST_KALEYRA_KEY = secretKey;
      delivery = await startDelivery({
        ...options,
        config: {
          ...options.config,
          channels: {
            sms: {
              providers: ["kaleyra"],
              routes: [{ recipient: "+44", providers: ["quiet"] }],
              receiptDeadlineMs: 60_000,
              retry: { baseMs: 150 },
            },
          },
          providers: { kaleyra, quiet: { ...kaleyra, pull: { pattern: "* * * * * *", afterMs: 500 } } },
          delivery: { sendTimeoutMs: 2_000, earlyReceiptRetryDelaysMs: [200, 500, 1_000] },
        },
      });
    }, 90_000);
    afterAll(async () => {
      await delivery?.stop();
      await peer.stop();
    }, 90_000);

    const sms = (to = "+14155550100") => ({ channel: "sms", to, lane: "high", content: { text: "Hi" } });
    const callback = (fields: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${delivery.urls[0]}/v1/callbacks/kaleyra`, {
        method: "POST",
        headers: { "x-callback-token": secretKey },
        body: new URLSearchParams(fields),
      });
    const idOf = (messageId: string, attempt = 1): string => `k-${messageId}:${attempt}`;
    const dispatched = (id: string) =>
      eventually(
        () => delivery.view(id),
        (view) => view.status === "dispatched",
      );
    const deadLetters = () => {
      const { config, stores, assembly } = delivery;
      return deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), systemClock);
    };

    it("ends a message by a callback, once, however often it comes", async () => {
      const id = await delivery.send(sms());
      await dispatched(id);
      for (let times = 0; times < 3; times += 1) expect((await callback({ id: idOf(id), status: "DELIVRD" })).status).toBe(204);
      const view = await delivery.final(id);
      expect(view).toMatchObject({ status: "delivered", provider: "kaleyra", attempts: 1 });
      expect(view.lineage.filter(({ outcome }) => outcome === "delivered")).toHaveLength(2);
    });

    it("has a callback that comes before its send's own answer wait for it", async () => {
      const view = await delivery.final(await delivery.send(sms(hasty)));
      expect(view).toMatchObject({ status: "delivered", attempts: 1 });
    });

    it("tries again what a callback calls temporary, and ends what it calls permanent", async () => {
      const id = await delivery.send(sms());
      await dispatched(id);
      await callback({ id: idOf(id), status: "MOB-OFF" });
      await eventually(
        () => delivery.view(id),
        (view) => view.attempts === 2,
      );
      await callback({ id: idOf(id, 2), status: "INVALID-NUM" });
      expect(await delivery.final(id)).toMatchObject({ status: "failed", reason: "recipient_rejected", attempts: 2 });
      // a delivery that is reported after the final status is recorded, and changes nothing
      await callback({ id: idOf(id, 1), status: "DELIVRD" });
      await eventually(
        () => delivery.view(id),
        (view) => view.lineage.some(({ outcome }) => outcome === "late"),
      );
      expect((await delivery.view(id)).status).toBe("failed");
    });

    it("keeps a callback of an unknown message in dead-letters once it has waited, and discards it for a reason", async () => {
      await callback({ id: "k-nobody", status: "DELIVRD" });
      const letter = await eventually(
        async () => (await deadLetters().list({ code: "UNKNOWN_RECEIPT", text: "k-nobody" }, 1_000))[0],
        (found) => found !== undefined,
      );
      expect(letter && (await deadLetters().discard([[letter]], "another account's"))).toBe(1);
      const [after] = await deadLetters().list({ text: "k-nobody" }, 1_000);
      expect(after?.settled).toMatchObject({ how: "discarded", reason: "another account's" });
      expect(after && (await deadLetters().redrive([[after]]))).toBe(0);
    });

    it("keeps a callback that it cannot read with its bytes, and says what is wrong", async () => {
      const answer = await callback({ ident: "k-1", status: "DELIVRD" });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("id: is missing") });
      const letters = await deadLetters().list({ stage: "callback" }, 1_000);
      expect(letters.map(({ letter }) => Buffer.from(JSON.parse(String(letter.value)).body, "base64").toString())).toContain(
        "ident=k-1&status=DELIVRD",
      );
      await expect(deadLetters().redrive([letters])).rejects.toThrow("id: is missing");
    });

    it("asks for what was never reported, in bundles, and ends it by the answer", async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, (_, index) => delivery.send(sms(`+4474001234${String(index + 10)}`))));
      for (const [index, id] of ids.entries()) known.set(idOf(id), index % 4 === 0 ? "UNDELIV" : "DELIVRD");
      const views = await Promise.all(ids.map((id) => delivery.final(id, 60_000)));
      expect(views.map(({ status }) => status)).toEqual(ids.map((_, index) => (index % 4 === 0 ? "failed" : "delivered")));
      expect(views.every(({ provider, attempts }) => provider === "quiet" && attempts === 1)).toBe(true);
    });

    it("gives a message up whose dead letter is discarded: it ends as cancelled, and its lineage says why", async () => {
      const { assembly, stores, config } = delivery;
      const { families, codecs } = assembly;
      const before = sent;
      // the message is scheduled, and its command is put into dead-letters
      const id = await delivery.send({ ...sms(), notBefore: Date.now() + 3_600_000 });
      const view = await eventually(
        () => delivery.view(id),
        (found) => found.status === "queued",
      );
      const letter = {
        deadLetterId: `${config.topics.prefix}.dispatch.sms.high/0/0-${id}`,
        topic: `${config.topics.prefix}.dispatch.sms.high`,
        partition: 0,
        offset: 0,
        key: null,
        value: codecs.of(families.dispatch).encode({
          messageId: id,
          tenant: view.tenant,
          channel: "sms",
          lane: "high",
          to: "+14155550100",
          from: null,
          content: { ...noContent, text: "Hi" },
          metadata: {},
          idempotencyKey: null,
          attempt: 1,
          acceptedAt: Date.now(),
          expiresAt: Date.now() + 3_600_000,
          segments: 1,
          tracestate: null,
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          provider: null,
          tried: [],
          notBefore: null,
          fallback: null,
        }),
        headers: {},
        timestamp: Date.now(),
        stage: "dispatch",
        errorCode: "STAGE_FAILED",
        errorMessage: "of the test",
        at: Date.now(),
        instance: "test",
      };
      await stores.log.append([
        { topic: `${config.topics.prefix}.dead-letters`, key: null, value: codecs.of(families.deadLetters).encode(letter) },
      ]);
      const found = await eventually(
        async () => (await deadLetters().list({ text: id }, 1_000))[0],
        (one) => one !== undefined,
      );
      expect(found && (await deadLetters().discard([[found]], "not worth sending any more"))).toBe(1);
      const ended = await delivery.final(id);
      expect(ended).toMatchObject({ status: "cancelled", reason: "discarded" });
      expect(ended.lineage.find(({ outcome }) => outcome === "discarded")?.details).toMatchObject({ why: "not worth sending any more" });
      expect(sent).toBe(before);
    });
  });
};
