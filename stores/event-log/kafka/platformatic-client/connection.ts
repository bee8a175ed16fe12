import type { KafkaClientOptions } from "../kafka-client.js";
import { platformaticSecurity } from "../kafka-security.js";

/** What every client of the library needs to reach the brokers. */
export const connectionOf = ({ brokers, clientId, ...security }: KafkaClientOptions) => ({
  clientId,
  bootstrapBrokers: [...brokers],
  ...platformaticSecurity(security),
});
