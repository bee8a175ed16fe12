import { createMemoryAuditLog } from "../../stores/audit/memory-audit-log.js";
import { createMemoryBuckets } from "../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { createMemoryClaims } from "../../stores/claims/memory-claims.js";
import { type Clock, sleepBy } from "../../stores/clock.js";
import { createMemoryDirectory } from "../../stores/directory/memory-directory.js";
import { createMemoryLog } from "../../stores/event-log/memory-log.js";
import { createMemoryLineage } from "../../stores/lineage-store/memory-lineage.js";
import { createMemoryCache } from "../../stores/message-cache/memory-cache.js";
import { createLocalRegistry, createMemoryTable } from "../../stores/schema-registry/local-registry.js";
import type { Stores } from "../../stores/stores.js";
import { createMemorySubscriptions } from "../../stores/subscriptions/memory-subscriptions.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import { createMemoryTimers } from "../../stores/timers/memory-timers.js";
import { Broker } from "./broker.js";
import { ClaimWatch } from "./claim-watch.js";
import type { Plan } from "./plan.js";
import type { Plant } from "./planted.js";
import type { SimProcess } from "./process.js";
import { clusterLog, embeddedLog } from "./process-log.js";
import { createRandom } from "./random.js";
import { onAmbiguousOf } from "./set-up.js";
import { cacheOf, claimsOf, ExpiryEvents, jobsOf, lineageOf, timersOf } from "./stores.js";
import type { World } from "./world.js";

/** The servers of a run, which outlive the processes. */
export class Servers {
  readonly log;
  readonly broker: Broker;
  readonly claims;
  readonly cache;
  readonly timers;
  readonly lineage;
  readonly claimWatch: ClaimWatch;
  readonly events: ExpiryEvents;
  private readonly registry = createLocalRegistry(createMemoryTable());

  constructor(
    private readonly plan: Plan,
    private readonly plant: Plant | undefined,
    world: World,
    violated: (invariant: string, detail: string) => void,
  ) {
    const { seed, shape, mishaps } = plan;
    const clock: Clock = { now: world.now, elapsed: world.now, after: world.after, sleep: sleepBy(world.after) };
    this.log = plant?.log?.(createMemoryLog(clock), world) ?? createMemoryLog(clock);
    const claims = createMemoryClaims(clock);
    this.claims = plant?.claims?.(claims) ?? claims;
    this.cache = createMemoryCache(clock);
    const timers = createMemoryTimers(clock);
    this.timers = plant?.timers?.(timers, world) ?? timers;
    const lineage = createMemoryLineage();
    this.lineage = plant?.lineage?.(lineage) ?? lineage;
    this.broker = new Broker(this.log, world, createRandom(seed, "broker"));
    this.events = new ExpiryEvents(world, createRandom(seed, "events"), mishaps.losesHint);
    this.claimWatch = new ClaimWatch(world, onAmbiguousOf(shape) === "resend", violated);
  }

  /** The servers through a process's network. */
  storesOf(process: SimProcess): Stores {
    const { broker, claims, cache, timers, lineage, registry, events, claimWatch, plant, plan } = this;
    const log = plan.shape.profile === "embedded" ? embeddedLog(broker, process) : clusterLog(broker, process);
    return {
      log: plant?.consume ? { ...log, consume: (options) => log.consume(plant.consume?.(options) ?? options) } : log,
      claims: claimsOf(claimWatch.watch(claims, process), process),
      buckets: createMemoryBuckets(process.clock),
      cells: createMemoryCells(process.clock),
      cache: cacheOf(cache, process),
      timers: timersOf(timers, process, events),
      lineage: lineageOf(lineage, process),
      reports: lineage,
      directory: createMemoryDirectory(process.clock),
      subscriptions: createMemorySubscriptions(process.clock),
      tenants: createMemoryTenants(process.clock),
      audit: createMemoryAuditLog(),
      registry,
      jobs: jobsOf(process),
      close: async () => undefined,
    };
  }
}
