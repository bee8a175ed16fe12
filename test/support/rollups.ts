import {
  type Filter,
  type LineageReader,
  type MessageCollection,
  messageCollections,
  type RollupDocument,
  type RollupKind,
  rollupKinds,
} from "../../stores/lineage-store/lineage-store.js";

export interface Counts {
  readonly messages: number;
  readonly attempts: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
}

const everything = 1_000_000;

const sum = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const record of records) for (const [name, count] of Object.entries(record)) sums[name] = (sums[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(sums).filter(([, count]) => count !== 0));
};

const total = (rollups: readonly RollupDocument[]): Counts => ({
  messages: rollups.reduce((messages, rollup) => messages + rollup.messages, 0),
  attempts: rollups.reduce((attempts, rollup) => attempts + (rollup.attempts ?? 0), 0),
  statuses: sum(rollups.map(({ statuses }) => statuses ?? {})),
  reasons: sum(rollups.map(({ reasons }) => reasons ?? {})),
});

/** The daily rollups' counts of all matches. */
export const countsOf = async (lineage: LineageReader, filter: Filter): Promise<Counts> =>
  total(await lineage.query("rollups_daily", filter, { limit: everything }));

const flat = (rollup: RollupDocument): Record<string, unknown> => {
  const counts = Object.entries(rollup).flatMap(([field, value]): [string, unknown][] => {
    if (value === null || typeof value !== "object" || value instanceof Date) return [[field, value]];
    return Object.entries(value as Record<string, number>).map(([name, count]) => [`${field}.${name}`, count]);
  });
  return Object.fromEntries(counts.filter(([, value]) => value !== 0));
};

type Recount = Map<string, Record<string, unknown>>;

const addTo = (counted: Recount, group: object, field: string, count: unknown): void => {
  const key = JSON.stringify(group);
  const found = counted.get(key) ?? { ...group };
  found[field] = ((found[field] as number | undefined) ?? 0) + ((count as number | null) ?? 0);
  counted.set(key, found);
};

const groupedBy = (kind: RollupKind): Record<string, unknown> => {
  const places = kind.endsWith("_totals") ? [] : ["country", "region"];
  const dimensions = ["tenant", "channel", "provider", "lane", "template", ...places];
  const format = kind.startsWith("hourly") ? "%Y-%m-%dT%H:00:00.000Z" : "%Y-%m-%dT00:00:00.000Z";
  return {
    ...Object.fromEntries(dimensions.map((dimension) => [dimension, `$${dimension}`])),
    from: { $dateToString: { date: "$acceptedAt", format } },
  };
};

const recountStatuses = async (
  counted: Recount,
  lineage: LineageReader,
  collection: MessageCollection,
  filter: Filter,
  kind: RollupKind,
) => {
  const sent = { $sum: { $cond: [{ $ifNull: ["$sentAt", false] }, 1, 0] } };
  const by = { ...groupedBy(kind), status: "$status", reason: "$reason" };
  const counts = { messages: { $sum: 1 }, attempts: { $sum: "$attempts" }, sent };
  for (const row of await lineage.aggregate(collection, [{ $match: filter }, { $group: { _id: by, ...counts } }])) {
    const { status, reason, ...group } = row._id as Record<string, string | null>;
    for (const field of ["messages", "attempts", "sent"]) addTo(counted, group, field, row[field]);
    addTo(counted, group, `statuses.${status}`, row.messages);
    if (reason) addTo(counted, group, `reasons.${reason}`, row.messages);
    if (status === "delivered") addTo(counted, group, "delivered", row.messages);
  }
};

/** The named values that a document can have any number of, each with its contribution. */
const recountNamed = async (counted: Recount, lineage: LineageReader, collection: MessageCollection, filter: Filter, kind: RollupKind) => {
  const costs = [{ $addFields: { one: { $objectToArray: "$costs" } } }, { $unwind: "$one" }];
  const engagements = [{ $unwind: "$engagement" }, { $addFields: { one: { k: "$engagement", v: 1 } } }];
  for (const [field, stages] of Object.entries({ costs, engagements })) {
    const group = { $group: { _id: { ...groupedBy(kind), name: "$one.k" }, count: { $sum: "$one.v" } } };
    for (const { _id, count } of await lineage.aggregate(collection, [{ $match: filter }, ...stages, group])) {
      const { name, ...keys } = _id as Record<string, string | null>;
      addTo(counted, keys, `${field}.${name}`, count);
    }
  }
};

/** The counts computed independently: with MongoDB's aggregation over the documents, without the code that maintains the rollups. */
const recounted = async (lineage: LineageReader, filter: Filter, kind: RollupKind): Promise<Recount> => {
  const counted: Recount = new Map();
  for (const collection of messageCollections) {
    await recountStatuses(counted, lineage, collection, filter, kind);
    await recountNamed(counted, lineage, collection, filter, kind);
  }
  return counted;
};

/** Latency histograms reduced to their number of messages. */
const withoutBuckets = (rollup: Record<string, unknown>): Record<string, unknown> => {
  const kept: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(rollup)) {
    const [histogram] = field.split(".");
    const name = histogram === "toSent" ? "sent" : histogram === "toDelivered" ? "delivered" : field;
    if (name === field) kept[field] = value;
    else kept[name] = ((kept[name] as number | undefined) ?? 0) + (value as number);
  }
  return kept;
};

const sorted = (record: Record<string, unknown>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1))));

/** Differences between the matching rollups and an aggregation over the documents. */
export const rollupFaults = async (lineage: LineageReader, filter: Filter): Promise<string[]> => {
  const faults: string[] = [];
  for (const kind of rollupKinds) {
    const kept = (await lineage.query(`rollups_${kind}`, filter, { limit: everything })).filter(({ messages }) => messages !== 0);
    const found = kept.map((rollup) => {
      const { _id, applied, ...counts } = flat(rollup) as Record<string, unknown>;
      return sorted(withoutBuckets({ ...counts, from: rollup.from.toISOString() }));
    });
    const wanted = [...(await recounted(lineage, filter, kind)).values()].map((one) => {
      const nulls = Object.fromEntries(
        ["provider", "country", "region", "template"].map((dimension) => [dimension, one[dimension] ?? null]),
      );
      return sorted(Object.fromEntries(Object.entries({ ...one, ...nulls }).filter(([, value]) => value !== 0)));
    });
    for (const one of found.filter((rollup) => !wanted.includes(rollup))) faults.push(`${kind}: kept, and not in the documents: ${one}`);
    for (const one of wanted.filter((rollup) => !found.includes(rollup))) faults.push(`${kind}: in the documents, and not kept: ${one}`);
  }
  return faults;
};
