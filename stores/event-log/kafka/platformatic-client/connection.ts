import type { Admin, Consumer, Producer } from "@platformatic/kafka";
import { type AnswerPolicy, answerSilenceMs, watchAnswers } from "../answered-sockets.js";
import type { KafkaClientOptions } from "../kafka-client.js";
import { platformaticSecurity } from "../kafka-security.js";

/** What every client of the library needs to reach the brokers. */
export const connectionOf = ({ brokers, clientId, ...security }: KafkaClientOptions) => ({
  clientId,
  bootstrapBrokers: [...brokers],
  ...platformaticSecurity(security),
});

/** The client with its connections watched: those on which a broker stays silent are closed, and made again when needed. */
export const watched = <Client extends Pick<Admin | Consumer | Producer, "connections">>(
  client: Client,
  policy: AnswerPolicy = { silenceMs: answerSilenceMs, joinSilenceMs: answerSilenceMs },
): Client => {
  client.connections.on("connect", ({ connection }) => watchAnswers(connection.socket, policy, () => connection.socket.destroy()));
  return client;
};
