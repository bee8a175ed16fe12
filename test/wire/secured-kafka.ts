import { describe, expect, it } from "vitest";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { createKafkaLog, type KafkaLogOptions } from "../../stores/event-log/kafka/kafka-log.js";
import type { Sasl } from "../../stores/event-log/kafka/kafka-security.js";
import { createTokenSource } from "../../wire/access-token.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";
import { account, type SecuredServers, tokens } from "./secured-servers.js";

/** Kafka by TLS and by each mechanism of SASL. */
export const describeSecuredKafka = (servers: SecuredServers): void => {
  const logWith = (options: Partial<KafkaLogOptions>) =>
    createKafkaLog({
      client: "kafkajs",
      brokers: [servers.broker],
      clientId: "test",
      sessionTimeoutMs: 10_000,
      lingerMs: 2,
      replicationFactor: 1,
      tls: servers.tls(),
      ...options,
    });

  const saslOf = (mechanism: Sasl["mechanism"], secrets = { password: account.password, secret: tokens.secret }): Sasl =>
    mechanism === "oauthbearer"
      ? {
          mechanism,
          token: createTokenSource({ tokenUrl: servers.tokenUrl, clientId: tokens.clientId, secret: secrets.secret, scope: null }),
        }
      : { mechanism, username: account.username, password: secrets.password };

  const mechanisms = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

  describe("Kafka by TLS and SASL", () => {
    for (const client of kafkaClients) {
      it.each(mechanisms)(`moves records by ${client} and %s, in a transaction, too`, async (mechanism) => {
        const log = logWith({ client, sasl: saslOf(mechanism) });
        const [topic, copy] = [uniqueName("in"), uniqueName("out")];
        try {
          await log.ensureTopics([topic, copy].map((name) => ({ topic: name, partitions: 1, retentionMs: -1 })));
          await log.append([{ topic, key: "k", value: Buffer.from("Hello") }]);
          await log.consume({
            group: uniqueName("group"),
            topic,
            consumers: 1,
            guarantee: "exactly_once",
            maxBatchRecords: 10,
            onBatch: ({ records, commit }) =>
              commit(
                (records.at(-1)?.offset ?? 0) + 1,
                records.map(({ key, value }) => ({ topic: copy, key, value })),
              ),
            onError: () => undefined,
          });
          const [record] = await eventually(
            () => log.scan(copy, 10),
            ({ length }) => length > 0,
            30_000,
            200,
          );
          expect(record?.value?.toString()).toBe("Hello");
        } finally {
          await log.close();
        }
      });
    }

    it.each(mechanisms)("refuses a wrong secret by %s, and says so", async (mechanism) => {
      const log = logWith({ sasl: saslOf(mechanism, { password: "wrong", secret: "wrong" }) });
      try {
        await expect(log.ensureTopics([{ topic: "never", partitions: 1, retentionMs: -1 }])).rejects.toMatchObject({
          // with a wrong secret the token server refuses before the broker is called
          code: mechanism === "oauthbearer" ? "UNAVAILABLE" : "KAFKA_DENIED",
          message: expect.stringMatching(/authenticat|token server|invalid_client|SASL/i),
        });
      } finally {
        await log.close();
      }
    });

    it.each([
      ["a certificate of a stranger", servers.foreignTls],
      ["an authority that does not vouch for the server", () => servers.distrustfulTls()],
      ["no encryption", () => undefined],
    ])("refuses %s", async (_what, tls) => {
      const log = logWith({ sasl: saslOf("plain"), tls: tls() });
      try {
        await expect(log.ensureTopics([{ topic: "never", partitions: 1, retentionMs: -1 }])).rejects.toMatchObject({ code: "UNAVAILABLE" });
      } finally {
        await log.close();
      }
    });
  });
};
