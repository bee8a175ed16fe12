import type { ExternalEdge } from "../engine/builder.js";
import { type Writer, type WriterDependencies, writerOf } from "../engine/outlet.js";
import type { AnyFamily } from "../engine/topic-family.js";
import type { DeliveryFamilies } from "./delivery-families.js";
import type { DeliveryShape } from "./delivery-shape.js";

/** The writers to delivery's topics that are not stages. */
const writersOf = (topics: DeliveryFamilies) => {
  const { requests, ingress, dispatch, receipts, lineage, feedback, fallbacks, webhooks, deadLetters } = topics;
  return {
    client: [requests, ingress],
    HTTP: [requests, fallbacks],
    "command line": [requests, fallbacks],
    "daily report": [requests],
    /** Receipts, and dead letters for unreadable units of a callback or queue. */
    providers: [receipts, deadLetters],
    /** If a call outlives its record, a timer returns its command. */
    "slow call": [dispatch],
    sweep: [lineage, feedback, fallbacks],
    erase: [lineage, feedback, fallbacks],
    discard: [lineage, feedback, fallbacks],
    redrive: [lineage],
    "webhook replay": [webhooks],
    "any stage": [deadLetters, lineage, feedback, fallbacks],
  } satisfies Readonly<Record<string, readonly AnyFamily[]>>;
};

/** Writers that put back records made elsewhere, into any topic. */
const carriers = ["expire_listener", "redrive"] as const;

export type DeliveryWriter = keyof ReturnType<typeof writersOf> | (typeof carriers)[number];

/** The families that exist only if a tenant has a webhook or topics. */
const absentFamilies = ({ webhooks, ingress, tenantFeedback }: DeliveryFamilies, { hasWebhooks, tenantTopics }: OptionalTopics) =>
  new Set<AnyFamily>([...(hasWebhooks ? [] : [webhooks]), ...(tenantTopics.tenants.length > 0 ? [] : [ingress, tenantFeedback])]);

type OptionalTopics = Pick<DeliveryShape, "hasWebhooks"> & { readonly tenantTopics: Pick<DeliveryShape["tenantTopics"], "tenants"> };

/** The writers as edges of the graph. */
export const deliveryWriters = (topics: DeliveryFamilies, shape: OptionalTopics): readonly ExternalEdge[] => {
  const { deadLetters, tenantFeedback, ...read } = topics;
  const absent = absentFamilies(topics, shape);
  const edges = (name: string, families: readonly AnyFamily[], carries: boolean): readonly ExternalEdge[] =>
    families.filter((family) => !absent.has(family)).map((family) => ({ name, direction: "in", family, carries }));
  return [
    ...Object.entries(writersOf(topics)).flatMap(([name, families]) => edges(name, families, false)),
    ...carriers.flatMap((name) => edges(name, Object.values(read), true)),
  ];
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
