import type { Codec } from "../schemas/codec.js";
import { CarillonError } from "../schemas/errors.js";
import type { VirtualClock } from "../stores/virtual-clock.js";
import type { Codecs } from "./runtime/codecs.js";
import { outgoingOf } from "./runtime/outgoing.js";
import { createRounds, type TestDriverDependencies } from "./test-rounds.js";
import type { TopicFamily } from "./topic-family.js";

/** Runs graphs in this thread with the real codecs and runtime, on a clock that only the test moves. */
export interface TopologyTestDriver {
  readonly clock: VirtualClock;
  /** Feeds one record and runs until all remaining work waits for the clock. */
  pipe<T>(family: TopicFamily<T>, value: T): Promise<void>;
  /** Feeds unchanged bytes into a topic (its name without the prefix). */
  pipeBytes(member: string, value: Buffer | null, key?: string): Promise<void>;
  /**
   * Advances time. Timers, timeouts and sleeps on the clock that come due meanwhile fire at their time. Rejects INPUT_INVALID unless `ms` is
   * a finite number of at least 0.
   */
  advance(ms: number): Promise<void>;
  /** The values in a family's topics since the last read, in order. */
  read<T>(family: TopicFamily<T>): Promise<T[]>;
}

const isFamily = (given: unknown): given is TopicFamily<unknown> => {
  const { name, members, select } = (given ?? {}) as { readonly [Key in keyof TopicFamily<unknown>]?: unknown };
  return typeof name === "string" && Array.isArray(members) && typeof select === "function";
};

/** The codec of a family. Throws INPUT_INVALID for anything else, and for a family that no graph declares. */
const codecLookup =
  (codecs: Codecs) =>
  <T>(family: TopicFamily<T>): Codec<T> => {
    const fix = "give a topic family of these graphs, such as driver.assembly.families.requests for delivery";
    if (!isFamily(family)) {
      const given = typeof family === "string" ? JSON.stringify(family) : String(family);
      throw new CarillonError("INPUT_INVALID", `${given} is not a topic family`, { field: "family", fix });
    }
    try {
      return codecs.of(family);
    } catch (cause) {
      throw new CarillonError("INPUT_INVALID", `no graph of this driver has the topic family ${family.name}`, {
        field: "family",
        fix,
        cause,
      });
    }
  };

export const createTestDriver = (dependencies: TestDriverDependencies): TopologyTestDriver => {
  const { log, clock, codecs, topicOf } = dependencies;
  const rounds = createRounds(dependencies);
  const codecOf = codecLookup(codecs);
  const readUpTo = new Map<string, number>();
  return {
    clock,
    pipe: async (family, value) => {
      codecOf(family);
      await log.append([outgoingOf(family, value, codecs, topicOf)]);
      await rounds.runUntilIdle();
    },
    pipeBytes: async (member, value, key = "key") => {
      await log.append([{ topic: topicOf(member), key, value }]);
      await rounds.runUntilIdle();
    },
    advance: rounds.advance,
    read: async <T>(family: TopicFamily<T>): Promise<T[]> => {
      const codec = codecOf(family);
      const values: T[] = [];
      for (const member of family.members) {
        const records = await log.scan(topicOf(member.name), Number.MAX_SAFE_INTEGER);
        const from = readUpTo.get(member.name) ?? 0;
        readUpTo.set(member.name, records.length);
        for (const record of records.slice(from)) values.push(await codec.decode(record.value));
      }
      return values;
    },
  };
};
