import { CarillonError } from "../schemas/errors.js";
import type { TopicSpec } from "../stores/event-log/event-log.js";
import type { Topology } from "./builder.js";
import type { Queue } from "./queue.js";
import type { AnyFamily } from "./topic-family.js";

/** Every queue of these graphs. */
export const queuesOf = (graphs: readonly Pick<Topology, "subTopologies">[]): readonly Queue[] =>
  graphs.flatMap(({ subTopologies }) => subTopologies.flatMap(({ queues }) => queues));

/** Every family of these graphs; one that several graphs share, once. */
export const familiesOf = (graphs: readonly Pick<Topology, "families">[]): readonly AnyFamily[] => [
  ...new Set(graphs.flatMap(({ families }) => families)),
];

/** Names that more than one owner claims, each with its owners. */
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

/**
 * Whether these graphs can run in one process. They may share a topic by the same family; a name that stands for two things is refused.
 * Throws TOPOLOGY_INVALID with every problem at once.
 */
export const checkGraphs = (graphs: readonly Omit<Topology, "externals">[]): void => {
  const owned = ownedFamilies(graphs);
  const problems = [
    ...claimedTwice(graphs.flatMap((graph) => queuesOf([graph]).map(({ name }) => [`queue ${name}`, graph.name] as const))),
    ...claimedTwice(owned.map(({ family, owner }) => [`family ${family.name}`, owner] as const)),
    ...claimedTwice(owned.flatMap(({ family, owner }) => family.members.map(({ name }) => [`topic ${name}`, owner] as const))),
  ];
  if (problems.length === 0) return;
  throw new CarillonError("TOPOLOGY_INVALID", `the graphs do not fit into one process:\n  ${problems.join("\n  ")}`, {
    fix: "give each graph names of its own, or share a family",
  });
};

/** The topics of these graphs, as the log makes them. */
export const topicSpecsOf = (graphs: readonly Topology[], topicOf: (topic: string) => string, retentionMs: number): readonly TopicSpec[] =>
  familiesOf(graphs).flatMap((family) =>
    family.members.map(({ name, partitions }) => ({ topic: topicOf(name), partitions, retentionMs, ...family.keep })),
  );
