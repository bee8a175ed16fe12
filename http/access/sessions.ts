import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Cells } from "../../stores/cells/cells.js";
import { keys } from "../../stores/keys.js";
import type { ApiKey, Identity } from "./api-key.js";

/** Console sessions. All processes that share the cells share the sessions. */
export interface Sessions {
  /** Starts a session for a key's owner. Resolves with its id, which is random and stored nowhere. */
  begin(key: ApiKey): Promise<string>;
  /** The session's identity; undefined if it expired or was ended, or if its key is no longer configured. */
  find(id: string): Promise<Identity | undefined>;
  end(id: string): Promise<void>;
}

export const sessionSeconds = 12 * 3_600;
const group = keys.cells.sessions;
const mostSessions = 1_000;
const idBytes = 32;
const idForm = /^[\w-]{43}$/;

const nameOf = (id: string): string => createHash("sha256").update(id).digest("hex");

/** Binds a session to its key. It reveals nothing about the key without the id, which is stored nowhere. */
const bindingOf = (id: string, key: string): string => createHmac("sha256", id).update(key).digest("hex");

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

export const createSessions = (
  cells: Pick<Cells, "set" | "get" | "all" | "remove">,
  keys: readonly ApiKey[],
  now: () => number,
): Sessions => ({
  begin: async (key) => {
    const sessions = [...(await cells.all(group))];
    if (sessions.length >= mostSessions) {
      const [oldest] = sessions.sort(([, one], [, other]) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
      if (oldest) await cells.remove(group, oldest[0]);
    }
    const id = randomBytes(idBytes).toString("base64url");
    await cells.set(group, nameOf(id), `${now()} ${bindingOf(id, key.key)}`, sessionSeconds * 1_000);
    return id;
  },
  find: async (id) => {
    if (!idForm.test(id)) return undefined;
    const [, binding = ""] = (await cells.get(group, nameOf(id)))?.split(" ") ?? [];
    const owner = keys.find(({ key }) => isSame(binding, bindingOf(id, key)));
    return owner && { tenant: owner.tenant, operator: owner.role === "operator" };
  },
  end: async (id) => {
    if (idForm.test(id)) await cells.remove(group, nameOf(id));
  },
});
