import { counted } from "../schemas/counted.js";
import type { Topology } from "./builder.js";
import type { Queue } from "./queue.js";

/** The graph as plain data in a stable order: the source of text, Mermaid and JSON. */
export interface TopologyDescription {
  readonly name: string;
  readonly topics: readonly {
    readonly name: string;
    readonly record: string;
    readonly members: readonly { readonly name: string; readonly partitions: number }[];
  }[];
  readonly subTopologies: readonly {
    readonly name: string;
    readonly input: string;
    readonly queues: readonly Queue[];
    readonly stages: readonly string[];
    readonly sink: string | null;
    readonly outputs: readonly { readonly stage: string; readonly port: string; readonly topic: string; readonly timed: boolean }[];
  }[];
  /** Everything outside the stages that writes to topics. A carrier puts records back into any topic. */
  readonly sources: readonly { readonly name: string; readonly topic: string; readonly carries: boolean }[];
  readonly readers: readonly { readonly name: string; readonly topic: string }[];
}

export const describeTopology = (topology: Topology): TopologyDescription => ({
  name: topology.name,
  topics: topology.families.map((family) => ({
    name: family.name,
    record: family.record.name,
    members: family.members.map(({ name, partitions }) => ({ name, partitions })),
  })),
  subTopologies: topology.subTopologies.map((sub) => ({
    name: sub.name,
    input: sub.input.name,
    queues: sub.queues,
    stages: sub.stages.map((stage) => stage.name),
    sink: sub.sink?.name ?? null,
    outputs: sub.wires.map((wire) => ({ stage: wire.stage, port: wire.port, topic: wire.to.name, timed: wire.timed })),
  })),
  sources: topology.externals
    .filter((edge) => edge.direction === "in")
    .map(({ name, family, carries }) => ({ name, topic: family.name, carries })),
  readers: topology.externals.filter((edge) => edge.direction === "out").map((edge) => ({ name: edge.name, topic: edge.family.name })),
});

/** The sources that write to the same topics, together; each carrier alone. */
export interface SourceGroup {
  readonly names: readonly string[];
  /** Empty for carriers, which write to any topic. */
  readonly topics: readonly string[];
}

export const sourceGroups = ({ sources }: Pick<TopologyDescription, "sources">): readonly SourceGroup[] => {
  const names = [...new Set(sources.map(({ name }) => name))];
  const groups = new Map<string, { names: string[]; topics: readonly string[] }>();
  for (const name of names) {
    const own = sources.filter((source) => source.name === name);
    const topics = own.some(({ carries }) => carries) ? [] : own.map(({ topic }) => topic);
    const key = topics.length === 0 ? name : topics.join();
    const group = groups.get(key) ?? { names: [], topics };
    groups.set(key, group);
    group.names.push(name);
  }
  return [...groups.values()];
};

const outputsOf = (sub: TopologyDescription["subTopologies"][number]): string[] => [...new Set(sub.outputs.map((output) => output.topic))];

export const describeAsText = (description: TopologyDescription): string => {
  const lines = [`Topology ${description.name}`, "", "Topics"];
  for (const topic of description.topics) {
    lines.push(`  ${topic.name} (${topic.record})`);
    for (const { name, partitions } of topic.members) {
      const consumers = description.subTopologies.flatMap(({ queues }) => queues.filter((queue) => queue.topic === name));
      const read = consumers.map((queue) => `, ${counted(queue.consumers, "consumer")}`).join("");
      lines.push(`    ${name.padEnd(26)} ${counted(partitions, "partition")}${read}`);
    }
  }
  lines.push("", "Sub-topologies");
  for (const sub of description.subTopologies) {
    const way = sub.sink ? [sub.sink] : sub.stages;
    lines.push(
      `  ${sub.name}`,
      `    ${sub.input} ──▶ [${way.join(" ▶ ")}]${outputsOf(sub).length > 0 ? ` ──▶ ${outputsOf(sub).join(", ")}` : ""}`,
    );
    for (const stage of sub.stages) {
      const ports = sub.outputs
        .filter((output) => output.stage === stage)
        .map(({ topic, timed }) => (timed ? `${topic} (also by timers)` : topic));
      lines.push(`      ${stage.padEnd(18)} ──▶ ${ports.join(", ")}`);
    }
  }
  lines.push("", "Outside");
  for (const { names, topics } of sourceGroups(description)) lines.push(`  ${names.join(", ")} ──▶ ${topics.join(", ") || "any topic"}`);
  for (const { name, topic } of description.readers) lines.push(`  ${topic} ──▶ ${name}`);
  return `${lines.join("\n")}\n`;
};

const idOf = (kind: string, name: string): string => `${kind}_${name.replaceAll(/[^a-zA-Z0-9]/g, "_")}`;

const mermaidTopic = ({ name, members }: TopologyDescription["topics"][number]): string =>
  `  ${idOf("topic", name)}[("${name}${members.length > 1 ? `<br/><small>${members.length} topics</small>` : ""}")]`;

const mermaidSub = (sub: TopologyDescription["subTopologies"][number]): string[] => {
  const id = idOf("sub", sub.name);
  const steps = sub.sink ? [sub.sink] : sub.stages;
  const isTimed = (topic: string): boolean => sub.outputs.some((output) => output.topic === topic && output.timed);
  return [
    `  subgraph ${id}["${sub.name}"]`,
    "    direction LR",
    `    ${steps.map((step) => `${idOf("stage", `${sub.name} ${step}`)}["${step}"]`).join(" --> ")}`,
    "  end",
    `  ${idOf("topic", sub.input)} --> ${id}`,
    ...outputsOf(sub).map((topic) => `  ${id} -->${isTimed(topic) ? "|timers too|" : ""} ${idOf("topic", topic)}`),
  ];
};

const mermaidSource = ({ names, topics }: SourceGroup): string[] => {
  const more = topics.length === 0 ? "<br/><small>to any topic</small>" : "";
  const node = `${idOf("outside", names[0] ?? "")}(["${names.join("<br/>")}${more}"])`;
  return topics.length === 0 ? [`  ${node}`] : topics.map((topic) => `  ${node} -.-> ${idOf("topic", topic)}`);
};

export const describeAsMermaid = (description: TopologyDescription): string => {
  const groups = sourceGroups(description);
  const drawn = groups.map(({ names }) => names[0]);
  const lines = [
    "flowchart LR",
    ...description.topics.map(mermaidTopic),
    ...description.subTopologies.flatMap(mermaidSub),
    ...groups.flatMap(mermaidSource),
    ...description.readers.map(
      ({ name, topic }) => `  ${idOf("topic", topic)} -.-> ${idOf("outside", name)}${drawn.includes(name) ? "" : `(["${name}"])`}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
};
