import { graphlib, layout } from "@dagrejs/dagre";
import { useMemo } from "react";
import { sourceGroups, type TopologyDescription } from "../../../engine/describe.js";
import type { QueueView } from "../../../http/console/views.js";
import { countText, rateText, spanText, words } from "../format.js";

type Kind = "stage" | "topic" | "outside";

interface Node {
  readonly id: string;
  readonly kind: Kind;
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Flow from a family of topics to one reader, all lanes together. */
interface Flow {
  readonly lag: number;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly oldestMs: number | null;
}

const sizes: Readonly<Record<Kind, readonly [number, number]>> = { stage: [140, 58], topic: [156, 54], outside: [126, 34] };

/** Widths of a character, in the sizes of names and of the text below them, and the space at both ends. */
const [namePx, belowPx, endsPx] = [9, 7, 26];

const nodeOf = (id: string, kind: Kind, title: string, below = ""): Node => ({
  id,
  kind,
  title,
  width: Math.max(sizes[kind][0], title.length * namePx + endsPx, below.length * belowPx + endsPx),
  height: sizes[kind][1],
});

const stagesText = (stages: readonly string[]): string => stages.map(words).join(" ▸ ");

const titleOf = (names: readonly string[], topics: readonly string[]): string =>
  `${names.join(", ")}${topics.length === 0 ? " (any topic)" : ""}`;

/** Stages, topics and external parts, and the edges between them. */
const partsOf = (description: TopologyDescription): { nodes: Node[]; edges: Edge[] } => {
  const { topics, subTopologies, readers } = description;
  const groups = sourceGroups(description).map(({ names, topics }) => ({ title: titleOf(names, topics), topics }));
  const nodes = [
    ...topics.map(({ name }) => nodeOf(`topic:${name}`, "topic", name)),
    ...subTopologies.map(({ name, stages, sink }) => nodeOf(`stage:${name}`, "stage", name, stagesText(sink ? [sink] : stages))),
    ...groups.map(({ title }) => nodeOf(`in:${title}`, "outside", title)),
    ...readers.map(({ name }) => nodeOf(`out:${name}`, "outside", name)),
  ];
  const edges = [
    ...groups.flatMap(({ title, topics }) => topics.map((topic) => ({ from: `in:${title}`, to: `topic:${topic}` }))),
    ...readers.map(({ name, topic }) => ({ from: `topic:${topic}`, to: `out:${name}` })),
    ...subTopologies.flatMap(({ name, input, outputs }) => [
      { from: `topic:${input}`, to: `stage:${name}` },
      ...[...new Set(outputs.map(({ topic }) => topic))].map((topic) => ({ from: `stage:${name}`, to: `topic:${topic}` })),
    ]),
  ];
  return { nodes, edges };
};

interface Point {
  readonly x: number;
  readonly y: number;
}

const laidOut = (description: TopologyDescription) => {
  const { nodes, edges } = partsOf(description);
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 26, ranksep: 34, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const [index, { from, to }] of edges.entries()) graph.setEdge(from, to, {}, String(index));
  layout(graph);
  const at = (id: string): Point => graph.node(id) as Point;
  return {
    width: (graph.graph() as { width: number }).width,
    height: (graph.graph() as { height: number }).height,
    nodes: nodes.map((node) => ({ ...node, ...at(node.id) })),
    edges: edges.map((edge, index) => ({
      ...edge,
      points: (graph.edge({ v: edge.from, w: edge.to, name: String(index) }) as { points: readonly Point[] }).points,
    })),
  };
};

/** A smooth path through the points. */
const pathOf = (points: readonly Point[]): string => {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (!first || !last) return "";
  const middles = rest.map((point, index) => {
    const next = rest[index + 1] ?? last;
    return `Q ${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return `M ${first.x} ${first.y} ${middles.join(" ")} L ${last.x} ${last.y}`;
};

const together = (queues: readonly QueueView[]): Flow => {
  const ages = queues.flatMap(({ oldestMs }) => oldestMs ?? []);
  return {
    lag: queues.reduce((sum, { lag }) => sum + lag, 0),
    inPerSecond: queues.reduce((sum, { inPerSecond }) => sum + inPerSecond, 0),
    outPerSecond: queues.reduce((sum, { outPerSecond }) => sum + outPerSecond, 0),
    oldestMs: ages.length > 0 ? Math.max(...ages) : null,
  };
};

const busyAfterMs = 5_000;

interface Placed extends Node, Point {
  /** The text below its name. */
  readonly more: string | undefined;
  readonly busy: boolean;
}

const Box = ({ kind, title, x, y, width, height, more, busy }: Placed) => (
  <g transform={`translate(${x - width / 2} ${y - height / 2})`}>
    <rect className={`${kind}${busy ? " busy" : ""}`} width={width} height={height} rx={kind === "stage" ? 8 : height / 2} />
    <text x={width / 2} y={more ? height / 2 - 4 : height / 2 + 4} textAnchor="middle" fontWeight={kind === "stage" ? 600 : 400}>
      {kind === "outside" ? title.replaceAll("_", " ") : words(title)}
    </text>
    {more && (
      <text className={busy ? "small busy" : "small"} x={width / 2} y={height / 2 + 14} textAnchor="middle">
        {more}
      </text>
    )}
  </g>
);

const depthText = ({ lag, oldestMs }: Flow): string => `${countText(lag)} queued${oldestMs === null ? "" : `, ${spanText(oldestMs)}`}`;

/** A message's path, live: the backlog and age of each topic, and the flow along each edge. */
export const TopologyGraph = ({
  description,
  queues,
}: {
  readonly description: TopologyDescription;
  readonly queues: readonly QueueView[];
}) => {
  const picture = useMemo(() => laidOut(description), [description]);
  const flows = new Map(
    description.subTopologies.map(({ name }) => [name, together(queues.filter(({ subTopology }) => subTopology === name))]),
  );
  const readerOf = new Map(description.subTopologies.map(({ name, input }) => [input, name]));
  const stagesOf = new Map(description.subTopologies.map(({ name, stages, sink }) => [name, sink ? [sink] : stages]));
  const placed = (node: Node & Point): Placed => {
    if (node.kind === "stage") return { ...node, more: stagesText(stagesOf.get(node.title) ?? []), busy: false };
    const flow = node.kind === "topic" ? flows.get(readerOf.get(node.title) ?? "") : undefined;
    return { ...node, more: flow && depthText(flow), busy: (flow?.oldestMs ?? 0) > busyAfterMs };
  };
  return (
    <svg
      className="graph"
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      role="img"
      aria-label="Topology: topics and stages with their queue depth and throughput. The Queues table below has the same numbers."
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" fill="var(--calm)" />
        </marker>
      </defs>
      {picture.edges.map(({ from, to, points }) => {
        const rate = to.startsWith("stage:") ? (flows.get(to.slice(6))?.outPerSecond ?? 0) : 0;
        const middle = points[Math.floor(points.length / 2)];
        return (
          <g key={`${from} ${to}`}>
            <path className={rate > 0 ? "edge flows" : "edge"} d={pathOf(points)} markerEnd="url(#arrow)" />
            {rate > 0 && middle && (
              <text className="small" x={middle.x} y={middle.y - 6} textAnchor="middle">
                {rateText(rate)}
              </text>
            )}
          </g>
        );
      })}
      {picture.nodes.map((node) => (
        <Box key={node.id} {...placed(node)} />
      ))}
    </svg>
  );
};
