import type { Db } from "mongodb";
import { CarillonError } from "../../../schemas/errors.js";
import type { Clock } from "../../clock.js";
import { groupsIn, type StoredGroup } from "./stored-groups.js";

/** The steps of a change, at each of which its process may end. */
export type ChangeStep = "claimed" | "rows" | "published";

export interface Turns {
  readonly clock: Clock;
  /** How long a writer may take before another one takes its place. */
  readonly leaseMs: number;
  /** Called after each step, for tests that pause or end a writer there. */
  readonly afterStep: (step: ChangeStep) => Promise<void>;
}

/** What a change does under its version. */
export interface Work<Answer> {
  /** Change of the number of members; undefined: nothing was written. */
  readonly delta: number | undefined;
  readonly answerAt: (published: { readonly version: number; readonly members: number }) => Answer;
}

const waitMs = 20_000;
const [leastPauseMs, mostPauseMs] = [2, 40];

/** The group with the next version taken; undefined if another writer has its turn, or was first. */
const tryClaim = async (database: Db, group: StoredGroup, nowMs: number, leaseMs: number): Promise<StoredGroup | undefined> => {
  const { _id, issued, writing, aborted } = group;
  if (writing !== null && writing.untilMs >= nowMs) return undefined;
  const taken = { issued: issued + 1, writing: { version: issued + 1, untilMs: nowMs + leaseMs } };
  // a turn that ends just now is not lost
  const still = writing ? { "writing.version": writing.version } : { writing: null };
  // whoever lost its turn may still write rows: they stay under a version that does not count
  const change = { $set: taken, ...(writing ? { $push: { aborted: writing.version } } : {}) };
  const { matchedCount } = await groupsIn(database).updateOne({ _id, issued, removed: false, ...still }, change);
  return matchedCount === 1 ? { ...group, ...taken, aborted: writing ? [...aborted, writing.version] : aborted } : undefined;
};

/** Takes the next version of a group for one writer. Undefined: there is no such group. */
const claim = async (database: Db, id: string, { clock, leaseMs }: Turns): Promise<StoredGroup | undefined> => {
  const beganMs = clock.elapsed();
  while (clock.elapsed() - beganMs < waitMs) {
    const group = await groupsIn(database).findOne({ _id: id, removed: false });
    if (!group) return undefined;
    const taken = await tryClaim(database, group, clock.now(), leaseMs);
    if (taken) return taken;
    await clock.sleep(leastPauseMs + Math.random() * mostPauseMs);
  }
  throw new CarillonError("BUSY", "other writers kept the group for too long", { fix: "try again" });
};

/** Ends a turn that wrote no rows. */
const release = (database: Db, id: string, version: number): Promise<unknown> =>
  groupsIn(database).updateOne({ _id: id, "writing.version": version }, { $set: { writing: null } });

/** Ends a turn whose rows must not count. */
const abort = (database: Db, id: string, version: number): Promise<unknown> =>
  groupsIn(database).updateOne({ _id: id, "writing.version": version }, { $set: { writing: null }, $push: { aborted: version } });

/** Publishes the version with all its rows. False: another writer has taken the place of this one. */
const publish = async (database: Db, id: string, version: number, delta: number, now: Date): Promise<boolean> => {
  const change = { $set: { version, writing: null, changedAt: now }, $inc: { members: delta } };
  return (await groupsIn(database).updateOne({ _id: id, "writing.version": version, removed: false }, change)).matchedCount === 1;
};

const runTurn = async <Answer>(
  database: Db,
  group: StoredGroup,
  work: (group: StoredGroup, version: number) => Promise<Work<Answer>>,
  { clock, afterStep }: Turns,
): Promise<Work<Answer> | undefined> => {
  const { _id, issued: version } = group;
  try {
    const done = await work(group, version);
    if (done.delta === undefined) {
      await release(database, _id, version);
      return done;
    }
    await afterStep("rows");
    return (await publish(database, _id, version, done.delta, new Date(clock.now()))) ? done : undefined;
  } catch (error) {
    // the next writer does the same once the lease has ended
    await abort(database, _id, version).catch(() => undefined);
    throw error;
  }
};

const mostTries = 10;

/**
 * Runs a change of a group under a version of its own. Writers of a group take turns. A version that was not published stays without effect
 * forever, even if its writer continues much later, and is never taken again. Undefined: there is no such group.
 */
export const takeTurn = async <Answer>(
  database: Db,
  id: string,
  turns: Turns,
  work: (group: StoredGroup, version: number) => Promise<Work<Answer>>,
): Promise<Answer | undefined> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const group = await claim(database, id, turns);
    if (!group) return undefined;
    await turns.afterStep("claimed");
    const done = await runTurn(database, group, work, turns);
    if (!done) continue;
    if (done.delta === undefined) return done.answerAt(group);
    await turns.afterStep("published");
    return done.answerAt({ version: group.issued, members: group.members + done.delta });
  }
  throw new CarillonError("BUSY", `other writers took the place of this one ${mostTries} times`, { fix: "try again" });
};
