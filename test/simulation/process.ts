import { unavailable } from "../../schemas/errors.js";
import { type Clock, sleepBy } from "../../stores/clock.js";
import type { Mishaps, Server, Trouble } from "./plan.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** The network between a process and the servers. */
export interface Network {
  /** How a call of this process to the server fails; undefined while the server is reachable. */
  blocked(process: SimProcess, server: Server, kind: CallKind): "hangs" | "refuses" | undefined;
  readonly mishaps: Mishaps;
  /** Whether the servers end with the process, like embedded stores. Otherwise its sent requests still arrive. */
  readonly withinProcess: boolean;
  /** Whether small failures happen now. */
  troubled(): boolean;
}

export type CallKind = "read" | "write";

/** The possible effects of a write whose answer is lost: all of it, or a part if the server accepts partial writes. */
export interface Effect<T> {
  whole(): Promise<T>;
  partly?(random: Random): Promise<unknown>;
}

/** Within this time a process that was cut off from the log learns what it lost. */
const heartbeatMs = 1_000;
/** A client gives up waiting for an answer after this. */
const callTimeoutMs = 3_000;

const ignore = (work: Promise<unknown>): void => void work.catch(() => undefined);

interface Failure {
  readonly why: string;
  readonly effect?: "whole" | "part";
  readonly afterMs?: number;
}

type Crash = Extract<Trouble, { kind: "crash" }>;

/**
 * One life of a process: its clock and its calls to servers. Once it has ended, none of it continues, though sent requests may still
 * arrive. While it is suspended, answers and timers wait for it.
 */
export class SimProcess {
  readonly clock: Clock;
  ended = false;
  paused = false;
  /** When it was last disturbed: another process may then hold its claims. */
  disturbedAtMs = Number.NEGATIVE_INFINITY;
  skewMs: number;
  private backlog: (() => void)[] = [];

  constructor(
    readonly index: number,
    readonly name: string,
    private readonly world: World,
    private readonly network: Network,
    private readonly random: Random,
    /** Called with each call, before and after it takes effect. Returns whether the process ends here. */
    private readonly crashesAt: (after: boolean) => Crash | undefined,
    private readonly onCrash: (process: SimProcess, crash: Crash) => void,
    skewMs: number,
  ) {
    this.skewMs = skewMs;
    const after: Clock["after"] = (ms, then) => world.after(ms, () => this.deliver(then));
    this.clock = { now: () => world.now() + this.skewMs, elapsed: () => world.now(), after, sleep: sleepBy(after) };
  }

  /** Runs `then` in the process: not after its end, and not while it is suspended. */
  deliver(then: () => void): void {
    if (this.ended) return;
    if (this.paused) this.backlog.push(then);
    else then();
  }

  pause(): void {
    this.paused = true;
    this.disturbedAtMs = this.world.now();
  }

  resume(): void {
    this.paused = false;
    this.disturb(heartbeatMs);
    const backlog = this.random.shuffled(this.backlog);
    this.backlog = [];
    for (const then of backlog) this.world.after(0, () => this.deliver(then));
  }

  end(): void {
    this.ended = true;
    this.disturbedAtMs = this.world.now();
    this.backlog = [];
  }

  /** Records that the process was disturbed, or will be until `forMs` from now. */
  disturb(forMs = 0): void {
    this.disturbedAtMs = Math.max(this.disturbedAtMs, this.world.now() + forMs);
  }

  /** Calls a server: latency, the effect, latency back, and any failure on the way. */
  call<T>(server: Server, what: string, kind: CallKind, effect: Effect<T> | (() => Promise<T>)): Promise<T> {
    const { world, network, random } = this;
    const { whole, partly } = typeof effect === "function" ? { whole: effect, partly: undefined } : effect;
    return new Promise<T>((resolve, reject) => {
      if (this.ended) return;
      const crash = this.crashesAt(false);
      if (crash) {
        this.onCrash(this, crash);
        return;
      }
      const answer = (then: () => void, afterMs = random.between(0, 3)): void => {
        world.after(afterMs, () => this.deliver(then));
      };
      const fail = (why: string, afterMs?: number): void => {
        this.disturb(afterMs);
        world.note(`${this.name}: ${server} ${what} fails: ${why}`);
        answer(() => reject(unavailable(server, new Error(why))), afterMs);
      };
      const apply = (): void => {
        whole().then(
          (result) => {
            world.note(`${this.name}: ${server} ${what}`);
            const crashAfter = this.ended ? undefined : this.crashesAt(true);
            if (crashAfter) this.onCrash(this, crashAfter);
            else if (kind === "write" && network.troubled() && random.chance(network.mishaps.losesAnswer)) fail("its answer is lost");
            else answer(() => resolve(result));
          },
          (error: unknown) => {
            world.note(`${this.name}: ${server} ${what} is refused: ${error instanceof Error ? error.message : String(error)}`);
            answer(() => reject(error));
          },
        );
      };
      const arrive = (): void => {
        if (this.ended && network.withinProcess) return;
        const failure = this.failureOf(server, kind, partly !== undefined);
        if (failure?.effect === "whole") ignore(whole());
        if (failure?.effect === "part" && partly) ignore(partly(random));
        if (failure) fail(failure.why, failure.afterMs);
        else apply();
      };
      const isSlow = network.troubled() && random.chance(network.mishaps.isSlow);
      world.after(isSlow ? random.between(100, 2_500) : random.between(0, 5), arrive);
    });
  }

  /** Whether and how the call fails on arrival, and the part that takes effect anyway. */
  private failureOf(server: Server, kind: CallKind, takesParts: boolean): Failure | undefined {
    const { network, random } = this;
    const blocked = network.blocked(this, server, kind);
    if (blocked === "refuses") return { why: "refused" };
    // a hanging call may have arrived before the link went down
    if (blocked === "hangs") {
      const gotThrough = kind === "write" && random.chance(0.2);
      return { why: "timed out", afterMs: callTimeoutMs, ...(gotThrough ? { effect: "whole" } : {}) };
    }
    if (!network.troubled()) return undefined;
    if (random.chance(network.mishaps.fails)) return { why: "connection reset" };
    return kind === "write" && takesParts && random.chance(network.mishaps.losesAnswer)
      ? { why: "it took a part of it", effect: "part" }
      : undefined;
  }
}
