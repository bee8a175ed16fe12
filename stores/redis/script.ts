import { createHash } from "node:crypto";
import { messageOf } from "../../schemas/errors.js";
import type { RedisConnection } from "./connection.js";

export type ScriptArgument = string | number | Buffer;

/** A Lua script: one atomic step. Strings in the answer are Buffers. */
export type Script = (keys: readonly string[], args: readonly ScriptArgument[]) => Promise<unknown>;

/** ioredis methods that return Buffers, which its types omit. */
type BufferScripting = Readonly<Record<"evalshaBuffer" | "evalBuffer", (...args: readonly ScriptArgument[]) => Promise<unknown>>>;

/** Milliseconds on Redis's own clock, so that instances with different clocks agree. */
export const luaNow = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Calls the script by its digest, and loads it if the server does not have it (yet, or after a restart).
 * `lasts`: its writes must survive the loss of the master.
 */
export const createScript = ({ client, write, ask }: RedisConnection, source: string, { lasts = false } = {}): Script => {
  const digest = createHash("sha1").update(source).digest("hex");
  const scripting = client as unknown as BufferScripting;
  const call = (command: keyof BufferScripting, ...args: readonly ScriptArgument[]): Promise<unknown> =>
    lasts ? write(command, ...args) : scripting[command](...args);
  return (keys, args) =>
    ask(async () => {
      try {
        return await call("evalshaBuffer", digest, keys.length, ...keys, ...args);
      } catch (error) {
        if (!messageOf(error).includes("NOSCRIPT")) throw error;
        return call("evalBuffer", source, keys.length, ...keys, ...args);
      }
    });
};
