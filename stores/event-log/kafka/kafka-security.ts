import type { KafkaConfig, SASLOptions } from "kafkajs";
import type { TlsOptions } from "../../../wire/tls.js";

/** How a client authenticates to the brokers. */
export type Sasl =
  | { readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512"; readonly username: string; readonly password: string }
  | { readonly mechanism: "oauthbearer"; readonly token: () => Promise<string> };

export interface KafkaSecurity {
  /** Encrypts connections. undefined: connections are unencrypted. */
  readonly tls?: TlsOptions | undefined;
  readonly sasl?: Sasl | undefined;
}

const kafkajsSasl = (sasl: Sasl): SASLOptions => {
  if (sasl.mechanism !== "oauthbearer") return sasl;
  return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await sasl.token() }) };
};

/** The settings in kafkajs's format. */
export const kafkajsSecurity = ({ tls, sasl }: KafkaSecurity): Pick<KafkaConfig, "ssl" | "sasl"> => ({
  ...(tls ? { ssl: tls } : {}),
  ...(sasl ? { sasl: kafkajsSasl(sasl) } : {}),
});

const platformaticMechanisms = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
  oauthbearer: "OAUTHBEARER",
} as const;

/** The settings in @platformatic/kafka's format. */
export const platformaticSecurity = ({ tls, sasl }: KafkaSecurity) => {
  const account =
    sasl?.mechanism === "oauthbearer" ? { token: sasl.token } : { username: sasl?.username ?? "", password: sasl?.password ?? "" };
  return {
    ...(tls ? { tls, ...(tls.servername === undefined ? {} : { tlsServerName: tls.servername }) } : {}),
    ...(sasl ? { sasl: { mechanism: platformaticMechanisms[sasl.mechanism], ...account } } : {}),
  };
};
