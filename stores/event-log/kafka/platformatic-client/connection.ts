import type { Admin, Consumer, Producer } from "@platformatic/kafka";
import { type AnswerPolicy, answerSilenceMs, watchAnswers } from "../answered-sockets.js";
import type { KafkaClientOptions } from "../kafka-client.js";
import { platformaticSecurity } from "../kafka-security.js";
import type { OpenSockets } from "../open-sockets.js";

/** Connection options that all of the library's clients share. */
export const connectionOf = ({ brokers, clientId, ...security }: KafkaClientOptions) => ({
  clientId,
  bootstrapBrokers: [...brokers],
  ...platformaticSecurity(security),
});

/**
 * Watches the client's connections. Those on which a broker stays silent are closed, and reopened when needed. The library emits the failure
 * of a connection that is still authenticating twice, and its pool listens to the first only: the second would end the process.
 */
export const watched = <Client extends Pick<Admin | Consumer | Producer, "connections">>(
  client: Client,
  sockets: OpenSockets | undefined,
  policy: AnswerPolicy = { silenceMs: answerSilenceMs, joinSilenceMs: answerSilenceMs },
): Client => {
  client.connections.on("connecting", ({ connection }) => connection.on("error", () => undefined));
  client.connections.on("connect", ({ connection }) => {
    watchAnswers(connection.socket, policy, () => connection.socket.destroy());
    sockets?.track(connection.socket);
  });
  return client;
};
