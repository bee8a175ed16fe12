import type { RedisConnection } from "./connection.js";
import { createScript, type ScriptArgument } from "./script.js";

/** A key with its arguments. */
export interface KeyedArguments {
  readonly key: string;
  readonly args: readonly ScriptArgument[];
}

/** Runs a step for each of many keys: in one call, or in one per key when the keys may be on several nodes of a cluster. */
export type ManyScript = (requests: readonly KeyedArguments[]) => Promise<readonly unknown[]>;

/** A script blocks its server while it runs, so one call handles at most this many keys. */
const mostKeys = 256;

const portionsOf = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

/**
 * `step`: Lua that runs once per key. It reads `key` and its arguments `a[1]`, `a[2]`, …, and returns its answer; false becomes null.
 * `before`: Lua that runs once per call. `lasts`: its writes must survive the loss of the master.
 */
export const createManyScript = (
  redis: RedisConnection,
  {
    before = "",
    step,
    args,
    lasts = false,
  }: { readonly before?: string; readonly step: string; readonly args: number; readonly lasts?: boolean },
): ManyScript => {
  const source = `${before}
local function step(key, a) ${step} end
local answers = {}
for index, key in ipairs(KEYS) do
  local a = {}
  for each = 1, ${args} do a[each] = ARGV[(index - 1) * ${args} + each] end
  answers[index] = step(key, a) or false
end
return answers`;
  const script = createScript(redis, source, { lasts });
  const most = redis.client.isCluster ? 1 : mostKeys;
  const ask = async (requests: readonly KeyedArguments[]): Promise<readonly unknown[]> =>
    (await script(
      requests.map(({ key }) => key),
      requests.flatMap((request) => request.args),
    )) as readonly unknown[];
  return async (requests) => {
    if (requests.length <= most) return requests.length === 0 ? [] : ask(requests);
    const answers = await Promise.all(portionsOf(requests, most).map(ask));
    return answers.flat(1);
  };
};
