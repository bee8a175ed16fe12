/** The output of V8's --cpu-prof. Source: Chrome DevTools Protocol, Profiler.Profile. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function called from one place, with the time spent in it, in microseconds. */
export interface Frame {
  readonly name: string;
  readonly url: string;
  readonly selfMicroseconds: number;
  readonly totalMicroseconds: number;
  readonly children: readonly Frame[];
}

const isIdle = (name: string): boolean => name === "(idle)";

/** The tree of calls, without idle time. */
export const treeOf = ({ nodes, samples, timeDeltas }: CpuProfile): Frame => {
  const self = new Map<number, number>();
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const frameOf = (id: number): Frame => {
    const node = byId.get(id);
    const children = (node?.children ?? []).map(frameOf).filter(({ name }) => !isIdle(name));
    const selfMicroseconds = self.get(id) ?? 0;
    return {
      name: node?.callFrame.functionName || "(anonymous)",
      url: node?.callFrame.url ?? "",
      selfMicroseconds,
      totalMicroseconds: selfMicroseconds + children.reduce((sum, { totalMicroseconds }) => sum + totalMicroseconds, 0),
      children,
    };
  };
  return frameOf(nodes[0]?.id ?? 0);
};

/** The area of a function, by its file or by V8's own name for it. The first match applies. */
const areas: readonly (readonly [area: string, matches: RegExp])[] = [
  ["collecting garbage", /^\(garbage collector\)/],
  ["Kafka's client", /node_modules\/(kafkajs|@platformatic)|event-log\/kafka/],
  ["Redis's client", /node_modules\/(ioredis|@ioredis|redis-|denque|standard-as-callback)|stores\/(redis|claims|timers|message-cache)/],
  ["Avro", /node_modules\/avsc|schemas\/(codec|bounded-avro|records|lineage)/],
  ["sockets and streams", /node:(net|internal\/(stream|net)|_?stream|dgram)|^\(?(writev?|writeBuffer|readStart|writeUtf8String)/],
  ["stages", /dist\/(processors|client)\//],
  ["runtime", /dist\/(topology|service)\//],
  ["promises and timers", /node:(internal\/(process|timers|async)|timers|async_hooks)|^\(program\)/],
];

/** Fraction of the busy time by area, largest first. */
export const sharesOf = (root: Frame): readonly (readonly [area: string, share: number])[] => {
  const spent = new Map<string, number>();
  const visit = ({ name, url, selfMicroseconds, children }: Frame): void => {
    const area = areas.find(([, matches]) => matches.test(url) || matches.test(name))?.[0] ?? "everything else";
    spent.set(area, (spent.get(area) ?? 0) + selfMicroseconds);
    for (const child of children) visit(child);
  };
  visit(root);
  return [...spent].map(([area, time]) => [area, time / root.totalMicroseconds] as const).sort((a, b) => b[1] - a[1]);
};
