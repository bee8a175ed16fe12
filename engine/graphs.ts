import { CarillonError } from "../schemas/errors.js";
import type { TopicSpec } from "../stores/event-log/event-log.js";
import type { Topology } from "./builder.js";
import type { Queue } from "./queue.js";
import type { AnyFamily } from "./topic-family.js";

/** Every queue of these graphs. */
export const queuesOf = (graphs: readonly Pick<Topology, "subTopologies">[]): readonly Queue[] =>
  graphs.flatMap(({ subTopologies }) => subTopologies.flatMap(({ queues }) => queues));

/** Every family of these graphs. A family that several graphs share occurs once. */
export const familiesOf = (graphs: readonly Pick<Topology, "families">[]): readonly AnyFamily[] => [
  ...new Set(graphs.flatMap(({ families }) => families)),
];

/** Names that have more than one owner, each with its owners. */
const claimedTwice = (claims: readonly (readonly [name: string, owner: string])[]): readonly string[] => {
  const owners = new Map<string, string[]>();
  for (const [name, owner] of claims) owners.set(name, [...(owners.get(name) ?? []), owner]);
  return [...owners].filter(([, all]) => all.length > 1).map(([name, all]) => `${name}: graphs ${all.join(" and ")} both declare it`);
};

/** Each family with the first graph that declares it. */
const ownedFamilies = (
  graphs: readonly Pick<Topology, "name" | "families">[],
): readonly { readonly family: AnyFamily; readonly owner: string }[] =>
  familiesOf(graphs).map((family) => ({ family, owner: graphs.find(({ families }) => families.includes(family))?.name ?? "" }));

/** Dots separate the parts of a consumer group's name, so a sub-topology's name has none. */
const subName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
/** Kafka's legal characters. The prefix and the group's name add to the length, which Kafka limits to 249. */
const topicName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$/;

const misnamed = (graphs: readonly Omit<Topology, "externals">[]): readonly string[] => [
  ...graphs
    .flatMap(({ subTopologies }) => subTopologies.map(({ name }) => name))
    .filter((name) => !subName.test(name))
    .map((name) => `sub-topology ${JSON.stringify(name)}: use only letters, digits, _ and -`),
  ...familiesOf(graphs)
    .flatMap(({ members }) => members.map(({ name }) => name))
    .filter((name) => !topicName.test(name))
    .map((name) => `topic ${JSON.stringify(name)}: use only letters, digits, ., _ and -, at most 150`),
];

const stagesOf = ({ subTopologies }: Omit<Topology, "externals">): readonly string[] => [
  ...new Set(subTopologies.flatMap(({ stages, sink }) => [...stages, ...(sink ? [sink] : [])].map(({ name }) => name))),
];

/**
 * Checks that these graphs can run in one process. They may share a topic through the same family; a name with two meanings is refused.
 * Throws TOPOLOGY_INVALID with every problem at once.
 */
export const checkGraphs = (graphs: readonly Omit<Topology, "externals">[]): void => {
  const owned = ownedFamilies(graphs);
  const problems = [
    ...misnamed(graphs),
    ...claimedTwice(graphs.map(({ name }) => [`graph ${name}`, name] as const)),
    ...claimedTwice(graphs.flatMap((graph) => graph.subTopologies.map(({ name }) => [`sub-topology ${name}`, graph.name] as const))),
    // metrics, traces and dead letters contain only the stage's name
    ...claimedTwice(graphs.flatMap((graph) => stagesOf(graph).map((name) => [`stage ${name}`, graph.name] as const))),
    ...claimedTwice(graphs.flatMap((graph) => queuesOf([graph]).map(({ name }) => [`queue ${name}`, graph.name] as const))),
    ...claimedTwice(owned.map(({ family, owner }) => [`family ${family.name}`, owner] as const)),
    ...claimedTwice(owned.flatMap(({ family, owner }) => family.members.map(({ name }) => [`topic ${name}`, owner] as const))),
  ];
  if (problems.length === 0) return;
  throw new CarillonError("TOPOLOGY_INVALID", `the graphs cannot run in one process:\n  ${problems.join("\n  ")}`, {
    fix: "use different names in each graph, or share a family",
  });
};

/** The topics of these graphs, with the settings for creating them in the log. */
export const topicSpecsOf = (graphs: readonly Topology[], topicOf: (topic: string) => string, retentionMs: number): readonly TopicSpec[] =>
  familiesOf(graphs).flatMap((family) =>
    family.members.map(({ name, partitions }) => ({ topic: topicOf(name), partitions, retentionMs, ...family.keep })),
  );
