import { byChannel } from "../../channels/by-channel.js";
import { diagnostics } from "../../engine/diagnostics.js";
import { queuesOf } from "../../engine/graphs.js";
import { type Assembly, assemble } from "../../service/assemble.js";
import { type RunningDelivery, runDelivery } from "../../service/run-delivery.js";
import { withDeadline } from "../../sinks/providers/with-deadline.js";
import { Client } from "./client.js";
import { checkAtEnd, mayLose } from "./invariants.js";
import { Observer, type Violation } from "./observer.js";
import { type Plan, troubleEndsMs } from "./plan.js";
import type { Plant } from "./planted.js";
import type { SimProcess } from "./process.js";
import { Processes } from "./processes.js";
import { ProviderSide } from "./provider.js";
import { Servers } from "./servers.js";
import { configOf, drainMs, messageIdOf, names, sendTimeoutMs, startMs } from "./set-up.js";
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

/** One run of a plan: the servers, the processes, the clients, and their failures. */
class Simulation {
  readonly world: World = createWorld(startMs);
  readonly servers: Servers;
  readonly observer: Observer;
  readonly provider: ProviderSide;
  private readonly processes: Processes;
  private readonly clientProcess: SimProcess;
  private readonly client: Client;
  private readonly subscriptions: (() => void)[] = [];
  private assembly: Assembly | undefined;

  constructor(
    readonly plan: Plan,
    readonly plant: Plant | undefined,
  ) {
    const { world } = this;
    this.servers = new Servers(plan, plant, world, (invariant, detail) => this.observer.violated(invariant, detail));
    this.observer = new Observer(world, this.servers.log, {
      concurrency: plan.shape.concurrency,
      drainMs,
      mayLose: mayLose(plan),
      isPoison: (value) => value?.toString("latin1").startsWith("poison") ?? false,
    });
    this.processes = new Processes(plan, world, this.servers, (process) => this.start(process));
    this.clientProcess = this.processes.newProcess(-1, "client");
    this.client = new Client(this.clientProcess, world, this.servers.broker, () => this.assembled);
    this.provider = new ProviderSide(
      world,
      (messageId) => plan.messages.find(({ index }) => messageIdOf(index) === messageId),
      (receipt) => this.client.report(receipt),
    );
  }

  /** The topology's families and codecs, for code outside the processes. */
  get assembled(): Assembly {
    if (!this.assembly) throw new Error("nothing was assembled yet");
    return this.assembly;
  }

  /** Starts Carillon in a process. */
  private async start(process: SimProcess): Promise<RunningDelivery> {
    const { plan, plant, world } = this;
    const config = configOf(plan, plant, process.name);
    const stores = this.servers.storesOf(process);
    const assembly = await assemble(config, stores, process.clock, {
      run: `${process.name}/${world.now()}/`,
      providers: () => byChannel((channel) => [withDeadline(this.provider.of(channel, process), sendTimeoutMs, process.clock)]),
    });
    const graphs = assembly.graphs.map((graph) => this.observer.watch(plant?.topology?.(graph, stores) ?? graph, process));
    const end = diagnostics.trouble.subscribe(assembly.origin, ({ where, error }) =>
      world.note(`${process.name}: trouble in ${where}: ${error instanceof Error ? error.message : error}`),
    );
    this.subscriptions.push(end);
    return runDelivery(config, { ...assembly, graphs }, stores, process.clock);
  }

  /** The uncommitted records of all groups and topics. */
  async openRecords(): Promise<readonly string[]> {
    const open: string[] = [];
    for (const queue of queuesOf(this.assembled.graphs)) {
      for (const { partition, lag } of await this.servers.log.lag(names.groupOf(queue), names.topicOf(queue.topic)))
        if (lag > 0) open.push(`${lag} records of ${queue.topic}/${partition}`);
    }
    return open;
  }

  private async allEnded(): Promise<boolean> {
    const { messages } = this.plan;
    for (const { index, fault } of messages) {
      if (fault === "poison") continue;
      const document = await this.servers.lineage.find(messageIdOf(index));
      if (document ? !document.final : !mayLose(this.plan)) return false;
    }
    return true;
  }

  /** Whether no work is left and every message is final. */
  private async isQuiet(): Promise<boolean> {
    const { plan, observer, client, processes } = this;
    if (processes.troubled || !client.idle || !observer.idle || client.published.size < plan.messages.length) return false;
    return (await this.servers.timers.pending()) === 0 && (await this.openRecords()).length === 0 && (await this.allEnded());
  }

  /** Runs the world until then, or until a violation. */
  private async goOn(untilMs: number): Promise<void> {
    const { world, observer } = this;
    while (observer.violations.length === 0 && (await world.step(startMs + untilMs)))
      if (world.steps >= mostSteps) observer.violated("comes to rest", `it still ran after ${mostSteps} steps`);
    const pending = await this.servers.timers.pending();
    if (pending > 8 * this.plan.messages.length + 50) observer.violated("bounded", `${pending} timers wait`);
  }

  /** Ends its subscriptions to the processes. */
  end(): void {
    for (const end of this.subscriptions.splice(0)) end();
  }

  async run(): Promise<Outcome> {
    const { plan, plant, world, observer, processes, clientProcess } = this;
    this.assembly = await assemble(configOf(plan, plant, "client"), this.servers.storesOf(clientProcess), clientProcess.clock);
    for (let index = 0; index < plan.shape.processes; index += 1) processes.launch(index);
    for (const trouble of plan.troubles) processes.befall(trouble);
    for (const planned of plan.messages) world.after(planned.atMs + 5_000, () => this.client.publish(planned));
    for (let untilMs = 0; untilMs < giveUpMs && observer.violations.length === 0 && !(await this.isQuiet()); ) {
      untilMs += untilMs < troubleEndsMs ? troubleEndsMs : 20_000;
      await this.goOn(untilMs);
    }
    if (observer.violations.length === 0) await checkAtEnd(this);
    return {
      violations: observer.violations,
      fingerprint: world.fingerprint(),
      steps: world.steps,
      virtualMs: world.elapsedMs(),
      notes: world.notes,
      struck: processes.struck,
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
