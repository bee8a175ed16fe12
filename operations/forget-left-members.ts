import type { Config } from "../config/schema.js";
import { mostCursorAgeMs } from "../directory/list-pages.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";
import type { Stores } from "../stores/stores.js";
import type { Group } from "../stores/subscriptions/subscriptions.js";
import { parseJson } from "../wire/parse-json.js";
import { allTenants } from "./all-tenants.js";

interface Tools {
  readonly config: Config;
  readonly stores: Pick<Stores, "tenants" | "subscriptions" | "cells">;
  readonly clock: Pick<Clock, "now">;
}

const groupsAtOnce = 500;
const keepNoteMs = 30 * 86_400_000;

/** The version that a group had when it was last looked at. */
interface Note {
  readonly version: number;
  readonly atMs: number;
}

const noteIn = (text: string | undefined): Note | undefined => {
  const { version, atMs } = (text === undefined ? {} : (parseJson(text) ?? {})) as Partial<Note>;
  return typeof version === "number" && typeof atMs === "number" ? { version, atMs } : undefined;
};

/** Removes what no list of the group can show any more, and notes its version for the next time. */
const lookAt = async ({ tenant, group, version }: Group, noted: string | undefined, tools: Tools, signal: AbortSignal): Promise<void> => {
  const { subscriptions, cells } = tools.stores;
  const nowMs = tools.clock.now();
  const note = noteIn(noted);
  if (note && nowMs - note.atMs < mostCursorAgeMs) return;
  if (note) while (!signal.aborted && (await subscriptions.forgetLeft({ tenant, group }, note.version)) > 0);
  if (!signal.aborted) await cells.set(keys.cells.groupVersions(tenant), group, JSON.stringify({ version, atMs: nowMs }), keepNoteMs);
};

/**
 * Removes the rows of members who left their groups, once no list that was begun before can be continued. A group is noted with its version,
 * and a day later, the rows that had left by then are removed.
 */
export const forgetLeftMembers = async (tools: Tools, signal: AbortSignal): Promise<void> => {
  const { subscriptions, cells } = tools.stores;
  for (const tenant of await allTenants(tools)) {
    const noted = await cells.all(keys.cells.groupVersions(tenant));
    for (let after: string | undefined; !signal.aborted; ) {
      const page = await subscriptions.listGroups({ tenant, after, limit: groupsAtOnce });
      for (const group of page) if (!signal.aborted) await lookAt(group, noted.get(group.group), tools, signal);
      if (page.length < groupsAtOnce) break;
      after = page.at(-1)?.group;
    }
  }
};
