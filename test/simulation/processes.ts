import type { RunningDelivery } from "../../service/run-delivery.js";
import { sessionMs } from "./broker.js";
import { type Plan, type Trouble, troubleEndsMs } from "./plan.js";
import { type CallKind, type Network, SimProcess } from "./process.js";
import { createRandom } from "./random.js";
import type { Servers } from "./servers.js";
import type { World } from "./world.js";

const gracefulMs = 60_000;
const heartbeatFailsMs = 3_000;

/** One life of a process: from its start to its end. */
interface Life {
  readonly process: SimProcess;
  /** Undefined until the process has started. */
  delivery: RunningDelivery | undefined;
  readonly number: number;
}

/** The processes of a run, one life after another, and the troubles that befall them. */
export class Processes {
  /** How often each kind of trouble occurred. */
  readonly struck: Record<string, number> = {};
  private readonly lives = new Map<number, Life>();
  private readonly calls = new Map<number, number>();
  private readonly network: Network;

  constructor(
    private readonly plan: Plan,
    private readonly world: World,
    private readonly servers: Servers,
    /** Starts Carillon in a process. */
    private readonly start: (process: SimProcess) => Promise<RunningDelivery>,
  ) {
    this.network = {
      mishaps: plan.mishaps,
      withinProcess: plan.shape.profile === "embedded",
      troubled: () => this.troubled,
      blocked: (process, server, kind) => this.blocked(process, server, kind),
    };
  }

  /** Whether failures happen now. */
  get troubled(): boolean {
    return this.world.elapsedMs() < troubleEndsMs;
  }

  /** A process of the network. One with a negative index never crashes. */
  newProcess(index: number, name: string, skewMs = 0, life = 0): SimProcess {
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

  /** Starts a life of a process. If the start fails, it is repeated. */
  launch(index: number): void {
    const { plan, world } = this;
    const before = this.lives.get(index);
    const number = (before?.number ?? 0) + 1;
    const name = plan.shape.keepsName ? `p${index}` : `p${index}.${number}`;
    const process = this.newProcess(index, name, before?.process.skewMs, number);
    const life: Life = { process, delivery: undefined, number };
    this.lives.set(index, life);
    world.note(`${name} starts`);
    this.start(process).then(
      (delivery) => {
        life.delivery = delivery;
      },
      (error: unknown) => {
        world.note(`${name} cannot start: ${error instanceof Error ? error.message : error}`);
        this.kill(process, 1_000);
      },
    );
  }

  /** Schedules a trouble. */
  befall(trouble: Trouble): void {
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

  /** Ends a process without notice, and restarts it later. */
  private kill(process: SimProcess, downMs: number): void {
    if (process.ended) return;
    this.world.note(`${process.name} ends`);
    process.end();
    this.servers.events.leave(process);
    this.world.after(sessionMs, () => this.servers.broker.forget(process));
    this.world.after(downMs, () => this.launch(process.index));
  }

  private graceful(index: number, downMs: number): void {
    const life = this.lives.get(index);
    if (!life || life.process.ended || !life.delivery) return;
    const { process, delivery } = life;
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
      if (process.paused) this.servers.broker.forget(process);
    });
    this.world.after(forMs, () => {
      process.resume();
      this.world.note(`${process.name} is woken`);
      this.servers.broker.findAgain(process, false);
    });
  }

  private cut(trouble: Extract<Trouble, { kind: "cut" }>): void {
    const process = this.lives.get(trouble.process)?.process;
    if (!process || trouble.server !== "log" || this.plan.shape.profile === "embedded") return;
    const endsInMs = Math.min(trouble.forMs, troubleEndsMs - trouble.atMs);
    const touchLost = endsInMs > heartbeatFailsMs;
    process.disturb(endsInMs + 1_000);
    if (touchLost) this.world.after(heartbeatFailsMs, () => this.servers.broker.loseTouch(process));
    if (endsInMs > sessionMs) this.world.after(sessionMs, () => this.servers.broker.forget(process));
    this.world.after(endsInMs, () => this.servers.broker.findAgain(process, touchLost));
  }

  private jump(index: number, byMs: number): void {
    const process = this.lives.get(index)?.process;
    if (!process) return;
    process.skewMs += byMs;
    process.disturb();
  }

  private strike(trouble: Trouble): void {
    this.struck[trouble.kind] = (this.struck[trouble.kind] ?? 0) + 1;
    this.world.note(`TROUBLE ${JSON.stringify(trouble)}`);
  }

  private blocked(process: SimProcess, server: string, kind: CallKind): "hangs" | "refuses" | undefined {
    const now = this.world.elapsedMs();
    for (const trouble of this.plan.troubles) {
      if (!("forMs" in trouble) || now < trouble.atMs || now >= Math.min(trouble.atMs + trouble.forMs, troubleEndsMs)) continue;
      if (trouble.kind === "outage" && trouble.server === server) return "hangs";
      if (trouble.kind === "full_disk" && trouble.server === server && kind === "write") return "refuses";
      if (trouble.kind === "cut" && trouble.server === server && trouble.process === process.index) return "hangs";
    }
    return undefined;
  }
}
