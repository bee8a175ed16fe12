import type { ExternalEdge } from "../engine/builder.js";
import { type Writer, type WriterDependencies, writerOf } from "../engine/outlet.js";
import type { AnyFamily } from "../engine/topic-family.js";
import type { DeliveryFamilies } from "./delivery-families.js";

/** What writes to the topics of delivery without being a stage. */
const writersOf = (topics: DeliveryFamilies) => {
  const { requests, dispatch, receipts, lineage, feedback, webhooks, deadLetters } = topics;
  return {
    client: [requests],
    HTTP: [requests],
    "command line": [requests],
    "daily report": [requests],
    /** Receipts, and what cannot be read of a callback or a queue. */
    providers: [receipts, deadLetters],
    /** A call that outlives its record has its command come back by a timer. */
    "slow call": [dispatch],
    sweep: [lineage, feedback],
    erase: [lineage, feedback],
    discard: [lineage, feedback],
    redrive: [lineage],
    "webhook replay": [webhooks],
    "any stage": [deadLetters, lineage, feedback],
  } satisfies Readonly<Record<string, readonly AnyFamily[]>>;
};

/** Those that put back records that were made elsewhere, into whichever topic these name. */
const carriers = ["expire_listener", "redrive"] as const;

export type DeliveryWriter = keyof ReturnType<typeof writersOf> | (typeof carriers)[number];

/** The writers as edges of the graph. */
export const deliveryWriters = (topics: DeliveryFamilies, hasWebhooks: boolean): readonly ExternalEdge[] => {
  const { deadLetters, webhooks, ...others } = topics;
  const consumed = [...Object.values(others), ...(hasWebhooks ? [webhooks] : [])];
  const declared = Object.entries(writersOf(topics)).flatMap(([name, families]) =>
    families
      .filter((family: AnyFamily) => family !== webhooks || hasWebhooks)
      .map((family: AnyFamily) => ({ name, direction: "in" as const, family, carries: false })),
  );
  const carried = carriers.flatMap((name) => consumed.map((family) => ({ name, direction: "in" as const, family, carries: true })));
  return [...declared, ...carried];
};

/** How the parts of a process write to the topics of delivery. */
export type DeliveryWriters = (name: DeliveryWriter) => Writer;

export const createDeliveryWriters = (externals: readonly ExternalEdge[], dependencies: WriterDependencies): DeliveryWriters => {
  const made = new Map<DeliveryWriter, Writer>();
  return (name) => {
    const writer = made.get(name) ?? writerOf({ name: "delivery", externals }, name, dependencies);
    made.set(name, writer);
    return writer;
  };
};
