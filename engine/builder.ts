import { CarillonError } from "../schemas/errors.js";
import type { Queue, QueueSet } from "./queue.js";
import type { BatchSink, Stage } from "./stage.js";
import type { TopicFamily } from "./topic-family.js";

// biome-ignore lint/suspicious/noExplicitAny: the graph holds stages of all types; their fit was checked where they were wired
type Any = any;

export interface Wire {
  readonly stage: string;
  readonly port: string;
  /** Whether records can also leave by timer. */
  readonly timed: boolean;
  readonly to: TopicFamily<Any>;
}

/** The fused stages between two topics. */
export interface SubTopology {
  readonly name: string;
  readonly input: TopicFamily<Any>;
  readonly queues: readonly Queue[];
  readonly stages: readonly Stage<Any, Any, Any>[];
  readonly sink: BatchSink<Any> | undefined;
  readonly wires: readonly Wire[];
}

/** Something outside the graph that writes to or reads from a topic. */
export interface ExternalEdge {
  readonly name: string;
  readonly direction: "in" | "out";
  readonly family: TopicFamily<Any>;
  /** Puts back records that were made elsewhere, into any topic. A graph declares it for every consumed family. */
  readonly carries: boolean;
}

/** The graph, as an immutable value. */
export interface Topology {
  readonly name: string;
  readonly families: readonly TopicFamily<Any>[];
  readonly subTopologies: readonly SubTopology[];
  readonly externals: readonly ExternalEdge[];
}

type Wiring<Emits extends object> = { readonly [Port in keyof Emits & string]: TopicFamily<Emits[Port]> };

/** Stages that are not wired yet. */
export interface Chain<Out, Emits extends object> {
  /** The type that the last stage yields. Never set; only for the compiler. */
  readonly yields?: Out;
  /** Adds a stage. Its input type must be the last stage's output type. */
  through<Next, More extends object>(stage: Stage<Out, Next, More>): Chain<Next, Emits & More>;
  /** Wires each port to a topic with its record type. */
  to(this: Chain<void, Emits>, wiring: Wiring<Emits>): void;
}

export interface SubTopologyStart<In> {
  through<Next, More extends object>(stage: Stage<In, Next, More>): Chain<Next, More>;
  /** Ends in a sink that writes whole batches to an external system. */
  into(sink: BatchSink<In>): void;
}

export interface TopologyBuilder {
  topics<T>(family: TopicFamily<T>): TopicFamily<T>;
  subTopology<In>(queues: QueueSet<In>): SubTopologyStart<In>;
  /** Declares an external source of these topics. */
  source(name: string, ...families: readonly TopicFamily<Any>[]): void;
  /** The same as edges: everything outside the stages that writes to this graph's topics. */
  writers(edges: readonly ExternalEdge[]): void;
  /** Declares an external reader of these topics. */
  reader(name: string, ...families: readonly TopicFamily<Any>[]): void;
  /** The graph. Throws TOPOLOGY_INVALID with every problem at once. */
  build(): Topology;
}

const duplicates = (names: readonly string[]): string[] => [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];

const familyProblems = (topology: Topology, family: TopicFamily<Any>): string[] => {
  const problems: string[] = [];
  const read =
    topology.subTopologies.some((sub) => sub.input === family) ||
    topology.externals.some((edge) => edge.direction === "out" && edge.family === family);
  const written =
    topology.subTopologies.some((sub) => sub.wires.some((wire) => wire.to === family)) ||
    topology.externals.some((edge) => edge.direction === "in" && edge.family === family);
  if (!read) problems.push(`topic ${family.name}: it has no reader`);
  if (!written) problems.push(`topic ${family.name}: it has no writer`);
  if (family.members.length === 0) problems.push(`topic ${family.name}: it has no members`);
  for (const { name, partitions } of family.members) {
    if (partitions < 1) problems.push(`topic ${name}: ${partitions} partitions, but at least 1 is required`);
  }
  return problems;
};

const queueProblems = ({ name, partitions, consumers }: Queue): string[] => {
  if (consumers < 1) return [`queue ${name}: ${consumers} consumers, but at least 1 is required`];
  return consumers > partitions ? [`queue ${name}: ${consumers} consumers, but its partitions allow at most ${partitions}`] : [];
};

const subTopologyProblems = (topology: Topology, sub: SubTopology): string[] => {
  const problems: string[] = [];
  if (sub.stages.length === 0 && !sub.sink) problems.push(`sub-topology ${sub.name}: it has neither stage nor sink`);
  if (!topology.families.includes(sub.input))
    problems.push(`sub-topology ${sub.name}: its input ${sub.input.name} is not part of this topology`);
  for (const stage of sub.stages) {
    for (const port of stage.ports) {
      if (!sub.wires.some((wire) => wire.stage === stage.name && wire.port === port)) {
        problems.push(`stage ${stage.name}: its port ${port} is not wired`);
      }
    }
  }
  for (const wire of sub.wires) {
    if (!topology.families.includes(wire.to)) problems.push(`stage ${wire.stage}: ${wire.to.name} is not part of this topology`);
  }
  return problems;
};

/** All problems of the graph. */
export const problemsOf = (topology: Topology): readonly string[] => [
  ...duplicates(topology.families.flatMap((family) => family.members.map((member) => member.name))).map(
    (name) => `topic ${name}: declared twice`,
  ),
  ...duplicates(topology.subTopologies.map((sub) => sub.name)).map((name) => `sub-topology ${name}: declared twice`),
  ...topology.subTopologies.flatMap((sub) =>
    duplicates(sub.stages.map((stage) => stage.name)).map((name) => `sub-topology ${sub.name}: stage ${name} is used twice`),
  ),
  ...topology.families.flatMap((family) => familyProblems(topology, family)),
  ...topology.subTopologies.flatMap((sub) => subTopologyProblems(topology, sub)),
  ...topology.subTopologies.flatMap(({ queues }) => queues.flatMap(queueProblems)),
];

const startOf = ({ sub, input, queues }: QueueSet<Any>): Pick<SubTopology, "name" | "input" | "queues"> => ({ name: sub, input, queues });

export const createTopology = (name: string): TopologyBuilder => {
  const families: TopicFamily<Any>[] = [];
  const subTopologies: SubTopology[] = [];
  const externals: ExternalEdge[] = [];
  const external =
    (direction: "in" | "out") =>
    (label: string, ...targets: readonly TopicFamily<Any>[]) => {
      externals.push(...targets.map((family) => ({ name: label, direction, family, carries: false })));
    };
  const chain = (from: QueueSet<Any>, stages: readonly Stage<Any, Any, Any>[]): Chain<Any, Any> => ({
    through: (stage) => chain(from, [...stages, stage as Stage<Any, Any, Any>]),
    to: (wiring: Readonly<Record<string, TopicFamily<Any>>>) => {
      const wires = stages.flatMap((stage) =>
        stage.ports.flatMap((port) => {
          const to = wiring[port];
          return to ? [{ stage: stage.name, port, timed: stage.timers?.includes(port) ?? false, to }] : [];
        }),
      );
      subTopologies.push({ ...startOf(from), stages, sink: undefined, wires });
    },
  });
  return {
    topics: (family) => {
      families.push(family);
      return family;
    },
    subTopology: (from) => ({
      through: (stage) => chain(from, [stage]),
      into: (sink) => {
        subTopologies.push({ ...startOf(from), stages: [], sink, wires: [] });
      },
    }),
    source: external("in"),
    writers: (edges) => {
      externals.push(...edges);
    },
    reader: external("out"),
    build: () => {
      const topology: Topology = { name, families, subTopologies, externals };
      const problems = problemsOf(topology);
      if (problems.length > 0) {
        throw new CarillonError("TOPOLOGY_INVALID", `the topology has ${problems.length} problems:\n  ${problems.join("\n  ")}`);
      }
      return topology;
    },
  };
};
