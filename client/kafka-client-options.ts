import { z } from "zod";
import { readBy } from "../channels/read-by.js";
import { refuse } from "../channels/refusal.js";
import { fitsTopicName } from "../schemas/topics.js";
import { functionOf, limits, tenant, timeMs, traceFunctions, webAddress } from "./option-fields.js";
import { wrongKind } from "./value-kind.js";

const brokerForm = /^(\[[0-9a-f:.]+\]|[^\s:/@]+):(\d{1,5})$/i;
const brokersWanted = 'a list of host:port, such as ["kafka-1:9092"]';

const broker = readBy((text) => {
  const port = Number(brokerForm.exec(text)?.[2] ?? 0);
  return port >= 1 && port <= 65_535 ? text : refuse("is not host:port", `give ${brokersWanted}`);
});

const isPem = (value: unknown): boolean =>
  (typeof value === "string" && value !== "") || Buffer.isBuffer(value) || (Array.isArray(value) && value.every(isPem));

const pem = z
  .custom<string | Buffer | (string | Buffer)[]>(isPem, { error: ({ input }) => wrongKind(input, "a certificate or key in PEM") })
  .meta({ wanted: "a certificate or key in PEM, as text or a Buffer" })
  .optional();

const tls = z
  .strictObject({ ca: pem, cert: pem, key: pem, servername: z.string().min(1).optional() })
  .meta({ wanted: "an object with ca, cert, key or servername; {} for the CAs that Node.js trusts" })
  .optional();

const word = z.string().min(1);

const sasl = z
  .discriminatedUnion("mechanism", [
    z.strictObject({ mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"]), username: word, password: word }),
    z.strictObject({ mechanism: z.literal("oauthbearer"), token: functionOf<() => Promise<string>>("a function") }),
  ])
  .meta({
    wanted:
      "mechanism (plain, scram-sha-256 or scram-sha-512) with username and password, or the mechanism oauthbearer with token, a function",
  })
  .optional();

const registryAccess = z
  .strictObject({ username: word.optional(), password: word.optional(), tls })
  .superRefine(({ username, password }, context) => {
    if ((username === undefined) === (password === undefined)) return;
    const missing = username === undefined ? "username" : "password";
    context.addIssue({ code: "custom", path: [missing], message: "is missing", params: { fix: "give both username and password" } });
  })
  .meta({ wanted: "an object with username and password, or tls" })
  .optional();

/** The options of `createKafkaClient`, with their defaults. */
export const kafkaClientOptions = z
  .strictObject({
    brokers: z.array(broker).min(1).meta({ wanted: brokersWanted }),
    registryUrl: webAddress("http://schema-registry:8081", "give it as registryAccess.username and registryAccess.password"),
    registryAccess,
    tls,
    sasl,
    tenant,
    tenantTopic: z.boolean().meta({ wanted: "true if the tenant has a topic of its own, else false" }).default(false),
    prefix: z
      .string()
      .refine((text) => /^[a-zA-Z0-9._-]{1,100}$/.test(text), { error: "is not a prefix of topic names" })
      .meta({ wanted: "topics.prefix of Carillon's configuration: 1 to 100 letters, digits, dots, underscores or hyphens" })
      .default("carillon"),
    clientId: word.default("carillon-client"),
    limits,
    ...traceFunctions,
    lingerMs: timeMs(0, 5),
    closeTimeoutMs: timeMs(0, 30_000),
  })
  .superRefine(({ tenant: name, tenantTopic }, context) => {
    if (!tenantTopic || fitsTopicName(name)) return;
    const fix = "give the tenant's id, at most 100 letters, digits, dots, underscores and hyphens";
    context.addIssue({ code: "custom", path: ["tenant"], message: "cannot be part of a topic's name", params: { fix } });
  })
  .meta({ wanted: "an object with at least brokers, registryUrl and tenant" });
