import type { Script, ScriptArgument } from "../redis/script.js";

/** The shards of timers in Redis. All keys of one shard are in one slot of a Redis Cluster. */
export const shards = 8;

/** Keys of each shard: sorted sets of ids by due time, by end of lease, and by the time at which the id's key expires. */
const sets = ["due", "inflight", "wake"] as const;

const shardOf = (id: string): number => {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  return hash % shards;
};

/** Calls scripts on the shards that hold their timers. */
export interface TimerShards {
  /** Calls the script once per shard that holds some of the ids, with `lead` and then the arguments of each id. */
  perShard(
    script: Script,
    ids: readonly string[],
    argsOf: (id: string) => readonly ScriptArgument[],
    lead?: readonly ScriptArgument[],
  ): Promise<unknown[]>;
  onAllShards(script: Script, args: readonly ScriptArgument[]): Promise<unknown[]>;
  /** The keys of all shards that list scheduled timers, unclaimed or claimed. */
  readonly scheduled: readonly string[];
  /** Id of the timer whose key this is; undefined if it is another key. */
  idOf(key: string): string | undefined;
}

export const createTimerShards = (prefix: string): TimerShards => {
  const shardPrefix = (shard: number): string => `${prefix}:{timers-${shard}}:`;
  const timerKey = new RegExp(`^${prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}:\\{timers-\\d+\\}:timer:(.+)$`);

  const onShard = (script: Script, shard: number, args: readonly ScriptArgument[]): Promise<unknown> =>
    script(
      sets.map((name) => `${shardPrefix(shard)}${name}`),
      [shardPrefix(shard), ...args],
    );
  return {
    perShard: async (script, ids, argsOf, lead = []) => {
      const grouped = new Map<number, ScriptArgument[]>();
      for (const id of ids) {
        const shard = shardOf(id);
        const args = grouped.get(shard) ?? [...lead];
        args.push(...argsOf(id));
        grouped.set(shard, args);
      }
      return Promise.all([...grouped].map(([shard, args]) => onShard(script, shard, args)));
    },
    onAllShards: (script, args) => Promise.all(Array.from({ length: shards }, (_, shard) => onShard(script, shard, args))),
    scheduled: Array.from({ length: shards }, (_, shard) => [`${shardPrefix(shard)}due`, `${shardPrefix(shard)}inflight`]).flat(),
    idOf: (key) => timerKey.exec(key)?.[1],
  };
};
