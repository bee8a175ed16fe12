import type { ConfigInput } from "../../config/schema.js";
import { wait, workOf } from "../../engine/ask.js";
import type { Topology } from "../../engine/builder.js";
import type { ProviderReceipt } from "../../schemas/generated.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { ConsumeOptions } from "../../stores/event-log/event-log.js";
import type { MemoryLog } from "../../stores/event-log/memory-log.js";
import type { LineageStore, MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import type { Stores } from "../../stores/stores.js";
import type { Timer, Timers } from "../../stores/timers/timers.js";
import type { World } from "./world.js";

/** An intentional fault that the simulation must find. */
export interface Plant {
  readonly name: string;
  readonly what: string;
  readonly claims?: (claims: Claims) => Claims;
  readonly timers?: (timers: Timers, world: World) => Timers;
  readonly log?: (log: MemoryLog, world: World) => MemoryLog;
  readonly lineage?: (lineage: LineageStore) => LineageStore;
  readonly consume?: (options: ConsumeOptions) => ConsumeOptions;
  readonly topology?: (topology: Topology, stores: Stores) => Topology;
  readonly runtime?: NonNullable<ConfigInput["runtime"]>;
}

const yearsMs = 10 * 365 * 86_400_000;

const mapStages = (
  topology: Topology,
  name: string,
  change: (stage: Topology["subTopologies"][number]["stages"][number]) => Topology["subTopologies"][number]["stages"][number],
): Topology => ({
  ...topology,
  subTopologies: topology.subTopologies.map((sub) => ({
    ...sub,
    stages: sub.stages.map((stage) => (stage.name === name ? change(stage) : stage)),
  })),
});

/** The faults, each as small as a plausible mistake. */
export const plants: readonly Plant[] = [
  {
    name: "no claim",
    what: "every worker believes that it won the claim",
    claims: (claims) => ({
      ...claims,
      claim: async (key, owner, leaseMs, ttlMs) => {
        await claims.claim(key, owner, leaseMs, ttlMs);
        return { state: "won" };
      },
    }),
  },
  {
    name: "commit too early",
    what: "the offset is committed before the batch is processed",
    consume: (options) => ({
      ...options,
      onBatch: async (batch) => {
        await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, []);
        await options.onBatch(batch);
      },
    }),
  },
  {
    name: "no sweeper",
    what: "timers fire by expiry events alone",
    timers: (timers) => ({ ...timers, claimDue: async () => [], nextDueInMs: async () => undefined }),
  },
  {
    name: "lease never expires",
    what: "what a worker claimed stays its own for ever",
    claims: (claims) => ({ ...claims, claim: (key, owner, _leaseMs, ttlMs, nonce) => claims.claim(key, owner, yearsMs, ttlMs, nonce) }),
  },
  {
    name: "status by arrival",
    what: "the last event to arrive says what the status is",
    lineage: (lineage) => {
      const last = new Map<string, MessageDocument["status"]>();
      return {
        ...lineage,
        append: async (events) => {
          for (const { event } of events) if (event.status) last.set(event.messageId, event.status);
          await lineage.append(events);
        },
        find: async (id) => {
          const document = await lineage.find(id);
          return document && { ...document, status: last.get(id) ?? document.status };
        },
      };
    },
  },
  {
    name: "fence before drain",
    what: "a revoked partition is let go while its records are still in hand",
    runtime: { drainMs: 0 },
  },
  {
    name: "every cause ends",
    what: "a later cause decides the end anew",
    claims: (claims) => ({
      ...claims,
      decide: async (key, value, ttlMs) => {
        const stands = await claims.decide(key, value, ttlMs);
        return key.startsWith("final:") ? value : stands;
      },
    }),
  },
  {
    name: "requests not deduplicated",
    what: "a request that comes by another record counts as new",
    claims: (claims) => ({
      ...claims,
      decide: async (key, value, ttlMs) => (key.startsWith("request:") ? value : claims.decide(key, value, ttlMs)),
    }),
  },
  {
    name: "timers gone once claimed",
    what: "a claimed timer is forgotten before its record is in the log",
    timers: (timers) => {
      const forget = async (claimed: readonly Timer[]): Promise<readonly Timer[]> => {
        await timers.complete(claimed.map(({ id }) => id));
        return claimed;
      };
      return {
        ...timers,
        claim: async (ids, leaseMs) => forget(await timers.claim(ids, leaseMs)),
        claimDue: async (limit, leaseMs) => forget(await timers.claimDue(limit, leaseMs)),
      };
    },
  },
  {
    name: "timers never completed",
    what: "a timer that fired fires again each time its lease ends",
    timers: (timers) => ({ ...timers, complete: async () => undefined }),
  },
  {
    name: "early receipts dropped",
    what: "a receipt that comes before its send's record is ignored",
    topology: (topology, { cache }) =>
      mapStages(topology, "response_handle", (stage) => ({
        ...stage,
        process: function* (input: ProviderReceipt, context) {
          const known =
            input.messageId !== null || (input.providerMessageId && (yield* wait(cache.resolve(input.provider, input.providerMessageId))));
          return known ? yield* workOf(stage.process(input, context)) : undefined;
        },
      })),
  },
  {
    name: "keys ignored",
    what: "records of one key are processed side by side",
    consume: (options) => ({
      ...options,
      onBatch: (batch) => options.onBatch({ ...batch, records: batch.records.map((record) => ({ ...record, key: null })) }),
    }),
  },
  {
    name: "failed batches skipped",
    what: "a batch that could not be processed is committed all the same",
    consume: (options) => ({
      ...options,
      onBatch: (batch) =>
        options.onBatch(batch).catch(async (error: unknown) => {
          options.onError(error);
          await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, []);
        }),
    }),
  },
  {
    name: "lineage counted twice",
    what: "an event that comes again is counted and kept again",
    lineage: (lineage) => {
      let turn = 0;
      return {
        ...lineage,
        append: (events) =>
          lineage.append(
            events.map((positioned) => ({
              ...positioned,
              event: { ...positioned.event, eventId: `${positioned.event.eventId}#${turn++}` },
            })),
          ),
      };
    },
  },
];
