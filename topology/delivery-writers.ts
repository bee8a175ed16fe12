import type { ExternalEdge } from "../engine/builder.js";
import { type Writer, type WriterDependencies, writerOf } from "../engine/outlet.js";
import type { AnyFamily } from "../engine/topic-family.js";
import type { DeliveryFamilies } from "./delivery-families.js";

/** The writers to delivery's topics that are not stages. */
const writersOf = (topics: DeliveryFamilies) => {
  const { requests, dispatch, receipts, lineage, feedback, webhooks, deadLetters } = topics;
  return {
    client: [requests],
    HTTP: [requests],
    "command line": [requests],
    "daily report": [requests],
    /** Receipts, and dead letters for unreadable units of a callback or queue. */
    providers: [receipts, deadLetters],
    /** If a call outlives its record, a timer returns its command. */
    "slow call": [dispatch],
    sweep: [lineage, feedback],
    erase: [lineage, feedback],
    discard: [lineage, feedback],
    redrive: [lineage],
    "webhook replay": [webhooks],
    "any stage": [deadLetters, lineage, feedback],
  } satisfies Readonly<Record<string, readonly AnyFamily[]>>;
};

/** Writers that put back records made elsewhere, into any topic. */
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

/** Creates the writers to delivery's topics for the parts of a process. */
export type DeliveryWriters = (name: DeliveryWriter) => Writer;

export const createDeliveryWriters = (externals: readonly ExternalEdge[], dependencies: WriterDependencies): DeliveryWriters => {
  const made = new Map<DeliveryWriter, Writer>();
  return (name) => {
    const writer = made.get(name) ?? writerOf({ name: "delivery", externals }, name, dependencies);
    made.set(name, writer);
    return writer;
  };
};
