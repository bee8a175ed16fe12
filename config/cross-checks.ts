import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { channels } from "../schemas/vocabulary.js";
import { accessProblems } from "./access-checks.js";
import type { Config } from "./schema.js";

const waysToRedis = ({ url, sentinel, cluster }: Config["redis"]): string[] => [
  ...(url === null ? [] : ["redis.url"]),
  ...(sentinel.addresses.length > 0 ? ["redis.sentinel.addresses"] : []),
  ...(cluster.length > 0 ? ["redis.cluster"] : []),
];

const ambiguousRedis = ({ redis }: Config): string[] => {
  const ways = waysToRedis(redis);
  return ways.length > 1 ? [`${ways.join(" and ")}: only one of them can be set: remove the others`] : [];
};

const unfitSasl = ({ kafka }: Config): string[] => {
  const { mechanism } = kafka.sasl;
  if (mechanism === null) return [];
  const needed = mechanism === "oauthbearer" ? (["tokenUrl", "clientId", "secret"] as const) : (["username", "password"] as const);
  return needed.filter((key) => kafka.sasl[key] === null).map((key) => `kafka.sasl.${key}: is required for ${mechanism}: set it`);
};

/** The problem with a certificate or key file that exists. */
const problemOfPem = (key: "caFile" | "certFile" | "keyFile", path: string): string | undefined => {
  try {
    const pem = readFileSync(path, "utf8");
    if (key === "caFile") new X509Certificate(pem);
    else createSecureContext(key === "certFile" ? { cert: pem } : { key: pem });
    return undefined;
  } catch (error) {
    const isOfSystem = error instanceof Error && "syscall" in error;
    return isOfSystem ? `${path} cannot be read` : `${path} is not ${key === "keyFile" ? "a private key" : "a certificate"} in PEM`;
  }
};

const unfitTls = (config: Config): string[] =>
  (["kafka", "redis", "mongo", "registry"] as const).flatMap((server) => {
    const { tls } = config[server];
    const files = (["caFile", "certFile", "keyFile"] as const).flatMap((key) => {
      const path = tls[key];
      if (path === null) return [];
      if (!tls.enabled) return [`${server}.tls.${key}: has no effect while ${server}.tls.enabled is off: enable it, or remove this key`];
      const problem = problemOfPem(key, path);
      return problem === undefined ? [] : [`${server}.tls.${key}: ${problem}`];
    });
    const half = (tls.certFile === null) !== (tls.keyFile === null) ? [`${server}.tls: certFile and keyFile must be set together`] : [];
    return [...files, ...half];
  });

const unknownKey = ({ encryption }: Config): string[] =>
  encryption.active === null || encryption.active in encryption.keys
    ? []
    : [`encryption.active: encryption.keys has no key ${encryption.active}`];

const missingServers = ({ profile, kafka, redis, mongo, registry }: Config): string[] => {
  if (profile !== "cluster") return [];
  const needed = [
    { key: "kafka.brokers", variable: "CARILLON_KAFKA_BROKERS", given: kafka.brokers.length > 0 },
    { key: "redis.url", variable: "CARILLON_REDIS_URL", given: waysToRedis(redis).length > 0 },
    { key: "mongo.url", variable: "CARILLON_MONGO_URL", given: mongo.url !== null },
    { key: "registry.url", variable: "CARILLON_REGISTRY_URL", given: registry.url !== null },
  ];
  return needed
    .filter(({ given }) => !given)
    .map(({ key, variable }) => `${key}: is required for the cluster profile: set it or ${variable}`);
};

const idleConsumers = ({ lanes, receipts, lineage, webhooks, tenantTopics }: Config): string[] => {
  const queues = {
    ...Object.fromEntries(Object.entries(lanes).map(([name, lane]) => [`lanes.${name}`, lane])),
    receipts,
    lineage,
    webhooks,
    tenantTopics,
  };
  return Object.entries(queues)
    .filter(([, { partitions, consumers }]) => consumers > partitions)
    .map(
      ([name, { partitions, consumers }]) =>
        `${name}.consumers: ${consumers} is more than the number of partitions, ${partitions}: give at most ${partitions}`,
    );
};

/** A mode that promises at most one execution cannot resend messages that may have been sent. */
const contradictingModes = ({ lanes }: Config): string[] =>
  Object.entries(lanes)
    .filter(([, { guarantee, onAmbiguous }]) => guarantee === "at_most_once" && onAmbiguous === "resend")
    .map(([name]) => `lanes.${name}.onAmbiguous: resend may send a message twice, which at_most_once excludes: remove it, or use hold`);

/** A report's job has the report's name, so a second report of the same name would replace the first. */
const repeatedReports = ({ reports }: Config): string[] => {
  const names = reports.daily.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [`reports.daily.${index}.name: another report has the name ${name}: rename one of them`] : [],
  );
};

const dayMs = 86_400_000;

/** The rest of a record besides content, metadata and variables: names, addresses, times. */
const restOfRecordBytes = 16_384;
/** Kafka's default for the largest record is 1,048,588 bytes. */
const largestRecordBytes = 1_040_000;

const unfitLimits = ({ limits, reports, channels: byChannel }: Config): string[] => {
  const { contentBytes, metadataBytes, variablesBytes, maxScheduleAheadMs } = limits;
  const bytes = contentBytes + metadataBytes + variablesBytes + restOfRecordBytes;
  const longestMs = Math.max(...channels.map((channel) => byChannel[channel].receiptDeadlineMs));
  return [
    ...(bytes > largestRecordBytes
      ? [`limits: contentBytes, metadataBytes and variablesBytes together exceed a record of 1 MB: lower one of them`]
      : []),
    ...(maxScheduleAheadMs + longestMs > reports.keepMessagesDays * dayMs
      ? [
          `limits.maxScheduleAheadMs: a message could live longer than reports.keepMessagesDays keeps it: lower maxScheduleAheadMs, or raise keepMessagesDays`,
        ]
      : []),
  ];
};

/** Conflicts between keys, as far as this folder can check them. */
export const problemsBetweenKeys = (config: Config): readonly string[] => [
  ...missingServers(config),
  ...ambiguousRedis(config),
  ...unfitSasl(config),
  ...unfitTls(config),
  ...unknownKey(config),
  ...idleConsumers(config),
  ...accessProblems(config),
  ...contradictingModes(config),
  ...repeatedReports(config),
  ...unfitLimits(config),
];
