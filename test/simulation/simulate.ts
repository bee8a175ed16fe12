import { byChannel } from "../../channels/by-channel.js";
import { diagnostics } from "../../engine/diagnostics.js";
import { queuesOf } from "../../engine/graphs.js";
import { outgoingOf } from "../../engine/runtime/outgoing.js";
import { type Assembly, assemble } from "../../service/assemble.js";
import { type RunningDelivery, runDelivery } from "../../service/run-delivery.js";
import { withDeadline } from "../../sinks/providers/with-deadline.js";
import { createMemoryBuckets } from "../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { createMemoryClaims } from "../../stores/claims/memory-claims.js";
import { type Clock, sleepBy } from "../../stores/clock.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import { createMemoryLog } from "../../stores/event-log/memory-log.js";
import { createMemoryLineage } from "../../stores/lineage-store/memory-lineage.js";
import { createMemoryCache } from "../../stores/message-cache/memory-cache.js";
import { createLocalRegistry, createMemoryTable } from "../../stores/schema-registry/local-registry.js";
import type { Stores } from "../../stores/stores.js";
import { createMemoryTimers } from "../../stores/timers/memory-timers.js";
import { Broker, sessionMs } from "./broker.js";
import { ClaimWatch } from "./claim-watch.js";
import { checkAtEnd, mayLose } from "./invariants.js";
import { Observer, type Violation } from "./observer.js";
import { type Plan, type PlannedMessage, type Trouble, troubleEndsMs } from "./plan.js";
import type { Plant } from "./planted.js";
import { type CallKind, type Network, SimProcess } from "./process.js";
import { clusterLog, embeddedLog } from "./process-log.js";
import { ProviderSide } from "./provider.js";
import { createRandom } from "./random.js";
import { configOf, drainMs, messageIdOf, names, onAmbiguousOf, poison, requestFor, sendTimeoutMs, startMs } from "./set-up.js";
import { cacheOf, claimsOf, ExpiryEvents, jobsOf, lineageOf, timersOf } from "./stores.js";
import { createWorld, type World } from "./world.js";

/** The results of a run. */
export interface Outcome {
  readonly violations: readonly Violation[];
  /** The same in each run of the plan. */
  readonly fingerprint: string;
  readonly steps: number;
  readonly virtualMs: number;
  /** The latest events. */
  readonly notes: readonly string[];
  /** How often each kind of trouble actually occurred. */
  readonly struck: Readonly<Record<string, number>>;
  readonly sends: number;
}

/** Every message must be final by then. */
const giveUpMs = 8 * 3_600_000;
/** A longer run does not terminate. */
const mostSteps = 600_000;
const gracefulMs = 60_000;
const heartbeatFailsMs = 3_000;

/** One run of a plan: the servers, the processes, the clients, and their failures. */
class Simulation {
  readonly world: World = createWorld(startMs);
  readonly serverClock: Clock;
  readonly log;
  readonly broker: Broker;
  readonly observer: Observer;
  readonly provider: ProviderSide;
  readonly claims;
  readonly cache;
  readonly timers;
  readonly lineage;
  readonly claimWatch: ClaimWatch;
  readonly struck: Record<string, number> = {};
  readonly published = new Set<number>();
  private assembly: Assembly | undefined;
  private readonly registry = createLocalRegistry(createMemoryTable());
  private readonly events: ExpiryEvents;
  private readonly lives = new Map<number, { process: SimProcess; delivery: RunningDelivery | undefined; life: number }>();
  private readonly calls = new Map<number, number>();
  private readonly subscriptions: (() => void)[] = [];
  private readonly client: SimProcess;
  private readonly network: Network;
  private openReports = 0;

  constructor(
    readonly plan: Plan,
    readonly plant: Plant | undefined,
  ) {
    const { world } = this;
    const { seed, shape, mishaps } = plan;
    this.serverClock = { now: world.now, elapsed: world.now, after: world.after, sleep: sleepBy(world.after) };
    this.log = plant?.log?.(createMemoryLog(this.serverClock), world) ?? createMemoryLog(this.serverClock);
    const claims = createMemoryClaims(this.serverClock);
    this.claims = plant?.claims?.(claims) ?? claims;
    this.cache = createMemoryCache(this.serverClock);
    const timers = createMemoryTimers(this.serverClock);
    this.timers = plant?.timers?.(timers, world) ?? timers;
    const lineage = createMemoryLineage();
    this.lineage = plant?.lineage?.(lineage) ?? lineage;
    this.broker = new Broker(this.log, world, createRandom(seed, "broker"));
    this.events = new ExpiryEvents(world, createRandom(seed, "events"), mishaps.losesHint);
    this.observer = new Observer(world, this.log, {
      concurrency: shape.concurrency,
      drainMs,
      mayLose: mayLose(plan),
      isPoison: (value) => value?.toString("latin1").startsWith("poison") ?? false,
    });
    const resends = onAmbiguousOf(shape) === "resend";
    this.claimWatch = new ClaimWatch(world, resends, (invariant, detail) => this.observer.violated(invariant, detail));
    this.network = {
      mishaps,
      withinProcess: shape.profile === "embedded",
      troubled: () => this.troubled,
      blocked: (process, server, kind) => this.blocked(process, server, kind),
    };
    this.client = this.newProcess(-1, "client");
    this.provider = new ProviderSide(
      world,
      (messageId) => plan.messages.find(({ index }) => messageIdOf(index) === messageId),
      (receipt) => {
        const { families, codecs } = this.assembled;
        void this.keepAppending([outgoingOf(families.receipts, receipt, codecs, names.topicOf)]);
      },
    );
  }

  /** The topology's families and codecs, for code outside the processes. */
  get assembled(): Assembly {
    if (!this.assembly) throw new Error("nothing was assembled yet");
    return this.assembly;
  }

  get elapsedMs(): number {
    return this.world.now() - startMs;
  }

  private get troubled(): boolean {
    return this.elapsedMs < troubleEndsMs;
  }

  private strike(trouble: Trouble): void {
    this.struck[trouble.kind] = (this.struck[trouble.kind] ?? 0) + 1;
    this.world.note(`TROUBLE ${JSON.stringify(trouble)}`);
  }

  private blocked(process: SimProcess, server: string, kind: CallKind): "hangs" | "refuses" | undefined {
    const now = this.elapsedMs;
    for (const trouble of this.plan.troubles) {
      if (!("forMs" in trouble) || now < trouble.atMs || now >= Math.min(trouble.atMs + trouble.forMs, troubleEndsMs)) continue;
      if (trouble.kind === "outage" && trouble.server === server) return "hangs";
      if (trouble.kind === "full_disk" && trouble.server === server && kind === "write") return "refuses";
      if (trouble.kind === "cut" && trouble.server === server && trouble.process === process.index) return "hangs";
    }
    return undefined;
  }

  private newProcess(index: number, name: string, skewMs = 0, life = 0): SimProcess {
    const { world, plan, network } = this;
    const crashesAt = (after: boolean) => {
      if (!this.troubled || index < 0) return undefined;
      const count = (this.calls.get(index) ?? 0) + (after ? 0 : 1);
      this.calls.set(index, count);
      return plan.troubles.find(
        (trouble): trouble is Extract<Trouble, { kind: "crash" }> =>
          trouble.kind === "crash" && trouble.process === index && trouble.atCall === count && trouble.after === after,
      );
    };
    return new SimProcess(
      index,
      name,
      world,
      network,
      createRandom(plan.seed, `process ${index} ${life}`),
      crashesAt,
      (process, crash) => {
        this.strike(crash);
        this.kill(process, crash.downMs);
      },
      skewMs,
    );
  }

  private storesOf(process: SimProcess): Stores {
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
      registry,
      jobs: jobsOf(process),
      close: async () => undefined,
    };
  }

  /** Starts a life of a process. If the start fails, it is repeated. */
  private launch(index: number): void {
    const { plan, plant, world } = this;
    const before = this.lives.get(index);
    const life = (before?.life ?? 0) + 1;
    const name = plan.shape.keepsName ? `p${index}` : `p${index}.${life}`;
    const process = this.newProcess(index, name, before?.process.skewMs, life);
    const entry = { process, delivery: undefined as RunningDelivery | undefined, life };
    this.lives.set(index, entry);
    world.note(`${name} starts`);
    const start = async (): Promise<void> => {
      const config = configOf(plan, plant, name);
      const stores = this.storesOf(process);
      const assembly = await assemble(config, stores, process.clock, {
        providers: () => byChannel((channel) => [withDeadline(this.provider.of(channel, process), sendTimeoutMs, process.clock)]),
      });
      const graphs = assembly.graphs.map((graph) => this.observer.watch(plant?.topology?.(graph, stores) ?? graph, process));
      const end = diagnostics.trouble.subscribe(assembly.origin, ({ where, error }) =>
        world.note(`${name}: trouble in ${where}: ${error instanceof Error ? error.message : error}`),
      );
      this.subscriptions.push(end);
      entry.delivery = await runDelivery(config, { ...assembly, graphs }, stores, process.clock);
    };
    start().catch((error: unknown) => {
      world.note(`${name} cannot start: ${error instanceof Error ? error.message : error}`);
      this.kill(process, 1_000);
    });
  }

  /** Ends a process without notice, and restarts it later. */
  private kill(process: SimProcess, downMs: number): void {
    if (process.ended) return;
    this.world.note(`${process.name} ends`);
    process.end();
    this.events.leave(process);
    this.world.after(sessionMs, () => this.broker.forget(process));
    this.world.after(downMs, () => this.launch(process.index));
  }

  private graceful(index: number, downMs: number): void {
    const entry = this.lives.get(index);
    if (!entry || entry.process.ended || !entry.delivery) return;
    const { process, delivery } = entry;
    process.disturb();
    this.world.note(`${process.name} is asked to stop`);
    const late = this.world.after(gracefulMs, () => this.kill(process, downMs));
    void delivery.stop().then(() => {
      late();
      this.kill(process, downMs);
    });
  }

  private pause(index: number, forMs: number): void {
    const process = this.lives.get(index)?.process;
    if (!process || process.ended || process.paused) return;
    process.pause();
    this.world.after(sessionMs, () => {
      if (process.paused) this.broker.forget(process);
    });
    this.world.after(forMs, () => {
      process.resume();
      this.world.note(`${process.name} is woken`);
      this.broker.findAgain(process, false);
    });
  }

  private cut(trouble: Extract<Trouble, { kind: "cut" }>): void {
    const process = this.lives.get(trouble.process)?.process;
    if (!process || trouble.server !== "log" || this.plan.shape.profile === "embedded") return;
    const endsInMs = Math.min(trouble.forMs, troubleEndsMs - trouble.atMs);
    const touchLost = endsInMs > heartbeatFailsMs;
    process.disturb(endsInMs + 1_000);
    if (touchLost) this.world.after(heartbeatFailsMs, () => this.broker.loseTouch(process));
    if (endsInMs > sessionMs) this.world.after(sessionMs, () => this.broker.forget(process));
    this.world.after(endsInMs, () => this.broker.findAgain(process, touchLost));
  }

  private jump(index: number, byMs: number): void {
    const process = this.lives.get(index)?.process;
    if (!process) return;
    process.skewMs += byMs;
    process.disturb();
  }

  private befall(trouble: Trouble): void {
    if (trouble.kind === "crash") return; // triggered by the process's own calls
    this.world.after(trouble.atMs, () => {
      this.strike(trouble);
      if (trouble.kind === "pause") this.pause(trouble.process, trouble.forMs);
      if (trouble.kind === "restart") this.graceful(trouble.process, trouble.downMs);
      if (trouble.kind === "cut") this.cut(trouble);
      if (trouble.kind === "clock_jump") {
        this.jump(trouble.process, trouble.byMs);
        this.world.after(trouble.forMs, () => this.jump(trouble.process, -trouble.byMs));
      }
    });
  }

  /** Behaves like a well-behaved client: retries until the log has stored the records. */
  private async keepAppending(records: readonly OutgoingRecord[]): Promise<void> {
    this.openReports += 1;
    for (;;) {
      const done = await this.broker.append(this.client, records).then(
        () => true,
        () => false,
      );
      if (done) break;
      await this.client.clock.sleep(1_000);
    }
    this.openReports -= 1;
  }

  private publish(planned: PlannedMessage): void {
    const { families, codecs } = this.assembled;
    const { topicOf } = names;
    for (let copy = 0; copy < planned.copies; copy += 1) {
      const request = requestFor(planned, this.world.now());
      const record = outgoingOf(families.requests, request, codecs, topicOf);
      const sent = planned.fault === "poison" ? { ...record, value: poison(planned.index) } : record;
      this.world.after(copy * 700, () => void this.keepAppending([sent]).then(() => this.published.add(planned.index)));
    }
  }

  /** The uncommitted records of all groups and topics. */
  async openRecords(): Promise<readonly string[]> {
    const open: string[] = [];
    for (const queue of queuesOf(this.assembled.graphs)) {
      for (const { partition, lag } of await this.log.lag(names.groupOf(queue), names.topicOf(queue.topic)))
        if (lag > 0) open.push(`${lag} records of ${queue.topic}/${partition}`);
    }
    return open;
  }

  private async allEnded(): Promise<boolean> {
    const { messages } = this.plan;
    for (const { index, fault } of messages) {
      if (fault === "poison") continue;
      const document = await this.lineage.find(messageIdOf(index));
      if (document ? !document.final : !mayLose(this.plan)) return false;
    }
    return true;
  }

  /** Whether no work is left and every message is final. */
  private async isQuiet(): Promise<boolean> {
    const { plan, observer, timers } = this;
    if (this.troubled || this.openReports > 0 || !observer.idle || this.published.size < plan.messages.length) return false;
    return (await timers.pending()) === 0 && (await this.openRecords()).length === 0 && (await this.allEnded());
  }

  /** Runs the world until then, or until a violation. */
  private async goOn(untilMs: number): Promise<void> {
    const { world, observer } = this;
    while (observer.violations.length === 0 && (await world.step(startMs + untilMs)))
      if (world.steps >= mostSteps) observer.violated("comes to rest", `it still ran after ${mostSteps} steps`);
    const pending = await this.timers.pending();
    if (pending > 8 * this.plan.messages.length + 50) observer.violated("bounded", `${pending} timers wait`);
  }

  /** Ends its subscriptions to the processes. */
  end(): void {
    for (const end of this.subscriptions.splice(0)) end();
  }

  async run(): Promise<Outcome> {
    const { plan, plant, world, observer, client } = this;
    this.assembly = await assemble(configOf(plan, plant, "client"), this.storesOf(client), client.clock);
    for (let index = 0; index < plan.shape.processes; index += 1) this.launch(index);
    for (const trouble of plan.troubles) this.befall(trouble);
    for (const planned of plan.messages) world.after(planned.atMs + 5_000, () => this.publish(planned));
    for (let untilMs = 0; untilMs < giveUpMs && observer.violations.length === 0 && !(await this.isQuiet()); ) {
      untilMs += untilMs < troubleEndsMs ? troubleEndsMs : 20_000;
      await this.goOn(untilMs);
    }
    if (observer.violations.length === 0) await checkAtEnd(this);
    return {
      violations: observer.violations,
      fingerprint: world.fingerprint(),
      steps: world.steps,
      virtualMs: this.elapsedMs,
      notes: world.notes,
      struck: this.struck,
      sends: this.provider.ledger.length,
    };
  }
}

export type FinishedRun = Simulation;

/** Runs a plan, optionally with a planted fault that must be found. */
export const simulate = (plan: Plan, plant?: Plant): Promise<Outcome> => {
  const simulation = new Simulation(plan, plant);
  return simulation.run().finally(() => simulation.end());
};
