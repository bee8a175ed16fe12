import type { Topology } from "./builder.js";
import type { Queue } from "./queue.js";

/** The graph as plain data, in a stable order: what text, Mermaid and JSON are made of. */
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
    readonly outputs: readonly { readonly stage: string; readonly port: string; readonly topic: string }[];
  }[];
  readonly sources: readonly { readonly name: string; readonly topic: string }[];
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
    outputs: sub.wires.map((wire) => ({ stage: wire.stage, port: wire.port, topic: wire.to.name })),
  })),
  sources: topology.externals.filter((edge) => edge.direction === "in").map((edge) => ({ name: edge.name, topic: edge.family.name })),
  readers: topology.externals.filter((edge) => edge.direction === "out").map((edge) => ({ name: edge.name, topic: edge.family.name })),
});

const outputsOf = (sub: TopologyDescription["subTopologies"][number]): string[] => [...new Set(sub.outputs.map((output) => output.topic))];

export const describeAsText = (description: TopologyDescription): string => {
  const lines = [`Topology ${description.name}`, "", "Topics"];
  for (const topic of description.topics) {
    lines.push(`  ${topic.name} (${topic.record})`);
    for (const { name, partitions } of topic.members) {
      const consumers = description.subTopologies.flatMap(({ queues }) => queues.filter((queue) => queue.topic === name));
      const read = consumers.map((queue) => `, ${queue.consumers} consumers`).join("");
      lines.push(`    ${name.padEnd(26)} ${partitions} partitions${read}`);
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
      const ports = sub.outputs.filter((output) => output.stage === stage).map((output) => output.topic);
      lines.push(`      ${stage.padEnd(18)} ──▶ ${ports.join(", ")}`);
    }
  }
  lines.push("", "Outside");
  for (const { name, topic } of description.sources) lines.push(`  ${name} ──▶ ${topic}`);
  for (const { name, topic } of description.readers) lines.push(`  ${topic} ──▶ ${name}`);
  return `${lines.join("\n")}\n`;
};

const idOf = (kind: string, name: string): string => `${kind}_${name.replaceAll(/[^a-zA-Z0-9]/g, "_")}`;

export const describeAsMermaid = (description: TopologyDescription): string => {
  const lines = ["flowchart LR"];
  for (const topic of description.topics) {
    const members = topic.members.length > 1 ? `<br/><small>${topic.members.length} topics</small>` : "";
    lines.push(`  ${idOf("topic", topic.name)}[("${topic.name}${members}")]`);
  }
  for (const sub of description.subTopologies) {
    lines.push(`  subgraph ${idOf("sub", sub.name)}["${sub.name}"]`, "    direction LR");
    const steps = sub.sink ? [sub.sink] : sub.stages;
    lines.push(`    ${steps.map((step) => `${idOf("stage", `${sub.name} ${step}`)}["${step}"]`).join(" --> ")}`, "  end");
    lines.push(`  ${idOf("topic", sub.input)} --> ${idOf("sub", sub.name)}`);
    for (const topic of outputsOf(sub)) lines.push(`  ${idOf("sub", sub.name)} --> ${idOf("topic", topic)}`);
  }
  for (const { name, topic } of description.sources) lines.push(`  ${idOf("outside", name)}(["${name}"]) -.-> ${idOf("topic", topic)}`);
  for (const { name, topic } of description.readers) lines.push(`  ${idOf("topic", topic)} -.-> ${idOf("outside", name)}(["${name}"])`);
  return `${lines.join("\n")}\n`;
};
