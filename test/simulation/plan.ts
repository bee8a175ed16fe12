import type { Channel, Lane } from "../../schemas/generated.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { type Guarantee, guarantees } from "../../stores/event-log/event-log.js";
import { createRandom, type Random } from "./random.js";

/** The provider's behavior for a message: see provider.ts. */
export const behaviours = [
  "delivers",
  "delivers_at_once",
  "reports_early",
  "reports_late",
  "reports_twice",
  "contradicts_itself",
  "engages",
  "bounces",
  "refuses",
  "fails_twice",
  "fails_by_receipt",
  "fails_always",
  "throttles",
  "stays_silent",
  "answers_too_late",
  "never_answers",
  "throws",
  "reports_a_stranger",
] as const;
export type Behaviour = (typeof behaviours)[number];

/** The servers that a process calls. */
export const servers = ["log", "claims", "cache", "timers", "lineage", "provider"] as const;
export type Server = (typeof servers)[number];

/** The setup of the system. Durations are in milliseconds. */
export interface Shape {
  readonly profile: "embedded" | "cluster";
  readonly processes: number;
  readonly partitions: number;
  readonly guarantee: Guarantee;
  readonly onAmbiguous: "resend" | "hold";
  readonly concurrency: number;
  readonly maxBatchRecords: number;
  readonly commitEveryMs: number;
  readonly listener: boolean;
  /** Whether a restarted process keeps its name. */
  readonly keepsName: boolean;
}

export interface PlannedMessage {
  readonly index: number;
  readonly atMs: number;
  readonly channel: Channel;
  readonly lane: Lane;
  readonly recipient: number;
  readonly behaviour: Behaviour;
  /** How often the client publishes it. */
  readonly copies: number;
  /** Undecodable bytes, or a request that fails every check. */
  readonly fault: "none" | "poison" | "invalid";
  readonly expiresAfterMs: number | null;
}

/** Failures and their times, measured from the start. */
export type Trouble =
  /** Ends the process without notice at its n-th call to a server, before or after the call took effect. */
  | { readonly kind: "crash"; readonly process: number; readonly atCall: number; readonly after: boolean; readonly downMs: number }
  /** Suspends it like SIGSTOP, and later resumes it. */
  | { readonly kind: "pause"; readonly process: number; readonly atMs: number; readonly forMs: number }
  /** Ends it like SIGTERM, and later restarts it. */
  | { readonly kind: "restart"; readonly process: number; readonly atMs: number; readonly downMs: number }
  /** Its link to one server is down: calls hang, then fail, and some take effect. */
  | { readonly kind: "cut"; readonly process: number; readonly server: Server; readonly atMs: number; readonly forMs: number }
  /** The server answers no process. */
  | { readonly kind: "outage"; readonly server: Server; readonly atMs: number; readonly forMs: number }
  /** The server reads, and refuses every write. */
  | { readonly kind: "full_disk"; readonly server: Server; readonly atMs: number; readonly forMs: number }
  /** Its wall clock jumps forward or back, and is corrected later. */
  | { readonly kind: "clock_jump"; readonly process: number; readonly atMs: number; readonly byMs: number; readonly forMs: number };

/** Probabilities of small failures per call while there is trouble. */
export interface Mishaps {
  /** The call fails without effect. */
  readonly fails: number;
  /** The call takes effect, wholly or in part, and its answer is lost. */
  readonly losesAnswer: number;
  /** The call takes seconds. */
  readonly isSlow: number;
  /** An expiry event gets lost. */
  readonly losesHint: number;
}

/** All inputs of a run. */
export interface Plan {
  readonly seed: number;
  readonly shape: Shape;
  readonly mishaps: Mishaps;
  readonly messages: readonly PlannedMessage[];
  readonly troubles: readonly Trouble[];
}

/** After this time nothing fails any more. */
export const troubleEndsMs = 150_000;
const publishWithinMs = 60_000;

const shapeOf = (random: Random): Shape => {
  const profile = random.chance(0.25) ? "embedded" : "cluster";
  return {
    profile,
    processes: profile === "embedded" ? 1 : random.between(1, 3),
    partitions: random.between(1, 3),
    guarantee: random.chance(0.6) ? "at_least_once" : random.pick(guarantees),
    onAmbiguous: random.chance(0.5) ? "resend" : "hold",
    concurrency: random.pick([1, 2, 8, 64]),
    maxBatchRecords: random.pick([1, 5, 500]),
    commitEveryMs: random.pick([10, 100, 1_000]),
    listener: random.chance(0.7),
    keepsName: random.chance(0.5),
  };
};

const messageOf = (index: number, recipients: number, random: Random): PlannedMessage => ({
  index,
  atMs: random.between(0, publishWithinMs),
  channel: random.pick(channels),
  lane: random.pick(lanes),
  recipient: random.between(1, recipients),
  behaviour: random.chance(0.3) ? "delivers" : random.pick(behaviours),
  copies: random.chance(0.15) ? random.between(2, 3) : 1,
  fault: random.chance(0.03) ? random.pick(["poison", "invalid"]) : "none",
  expiresAfterMs: random.chance(0.2) ? random.between(1_000, 300_000) : null,
});

const troubleOf = (processes: number, random: Random): Trouble => {
  const process = random.between(0, processes - 1);
  const atMs = random.between(0, troubleEndsMs - 30_000);
  const forMs = random.pick([500, 5_000, 15_000, 60_000]);
  switch (random.pick(["crash", "crash", "crash", "crash", "pause", "restart", "cut", "outage", "full_disk", "clock_jump"])) {
    case "crash":
      return {
        kind: "crash",
        process,
        atCall: random.between(1, 1_200),
        after: random.chance(0.5),
        downMs: random.pick([100, 3_000, 20_000, 60_000]),
      };
    case "pause":
      return { kind: "pause", process, atMs, forMs };
    case "restart":
      return { kind: "restart", process, atMs, downMs: random.pick([100, 10_000]) };
    case "cut":
      return { kind: "cut", process, server: random.pick(servers), atMs, forMs };
    case "outage":
      return { kind: "outage", server: random.pick(servers), atMs, forMs };
    case "full_disk":
      return { kind: "full_disk", server: random.pick(servers), atMs, forMs };
    default:
      return { kind: "clock_jump", process, atMs, forMs, byMs: random.pick([-3_600_000, -20_000, -500, 500, 20_000, 3_600_000]) };
  }
};

/** The plan of a seed. */
export const planOf = (seed: number): Plan => {
  const random = createRandom(seed, "plan");
  const shape = shapeOf(random);
  const calm = random.chance(0.3);
  const chance = (most: number): number => (calm || random.chance(0.4) ? 0 : random.next() * most);
  const mishaps = { fails: chance(0.03), losesAnswer: chance(0.03), isSlow: chance(0.05), losesHint: random.pick([0, 0.1, 0.5, 1]) };
  const recipients = random.between(1, 8);
  const messages = Array.from({ length: random.between(3, 40) }, (_, index) => messageOf(index, recipients, random));
  const troubles = Array.from({ length: random.between(0, 8) }, () => troubleOf(shape.processes, random));
  return { seed, shape, mishaps, messages, troubles };
};
