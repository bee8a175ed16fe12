import { createTemplateRenderer } from "../processors/render-template.js";
import type { Config } from "./schema.js";

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127\./.test(host);

const missingServers = ({ profile, kafka, redis, mongo, registry }: Config): string[] => {
  if (profile !== "cluster") return [];
  const needed = [
    { key: "kafka.brokers", variable: "CARILLON_KAFKA_BROKERS", given: kafka.brokers.length > 0 },
    { key: "redis.url", variable: "CARILLON_REDIS_URL", given: redis.url !== null },
    { key: "mongo.url", variable: "CARILLON_MONGO_URL", given: mongo.url !== null },
    { key: "registry.url", variable: "CARILLON_REGISTRY_URL", given: registry.url !== null },
  ];
  return needed.filter(({ given }) => !given).map(({ key, variable }) => `${key}: the cluster profile needs it: set it or ${variable}`);
};

const idleConsumers = ({ lanes, receipts, lineage }: Config): string[] => {
  const queues = { ...Object.fromEntries(Object.entries(lanes).map(([name, lane]) => [`lanes.${name}`, lane])), receipts, lineage };
  return Object.entries(queues)
    .filter(([, { partitions, consumers }]) => consumers > partitions)
    .map(
      ([name, { partitions, consumers }]) =>
        `${name}.consumers: ${consumers} for ${partitions} partitions, so some would idle: give at most ${partitions}`,
    );
};

const incompleteProviders = ({ channels, providers }: Config): string[] => {
  const problems: string[] = [];
  if (channels.sms.provider === "kaleyra") {
    if (!providers.kaleyra.sid) problems.push("providers.kaleyra.sid: the kaleyra provider needs it");
    if (!providers.kaleyra.apiKey) problems.push("providers.kaleyra.apiKey: the kaleyra provider needs it");
  }
  if (channels.email.provider !== "sandbox" && !channels.email.from) {
    problems.push(`channels.email.from: the ${channels.email.provider} provider needs a sender`);
  }
  return problems;
};

const openDoors = ({ http }: Config): string[] =>
  http.enabled && !isLoopback(http.host) && http.apiKeys.length === 0
    ? [`http.apiKeys: listening on ${http.host} needs at least one key: add one, or listen on 127.0.0.1`]
    : [];

/** A mode that promises that nothing is done twice cannot send again what may have been sent. */
const contradictingModes = ({ lanes }: Config): string[] =>
  Object.entries(lanes)
    .filter(([, { guarantee, onAmbiguous }]) => guarantee === "at_most_once" && onAmbiguous === "resend")
    .map(([name]) => `lanes.${name}.onAmbiguous: resend may send twice, which at_most_once excludes: leave it out, or give hold`);

/** What single keys cannot say: how they fit together. */
export const problemsBetweenKeys = (config: Config): readonly string[] => {
  const templateProblems: string[] = [];
  createTemplateRenderer(config.templates, templateProblems);
  return [
    ...missingServers(config),
    ...idleConsumers(config),
    ...openDoors(config),
    ...incompleteProviders(config),
    ...contradictingModes(config),
    ...templateProblems,
  ];
};
