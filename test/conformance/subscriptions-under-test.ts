import { type Bucket, hash32, wholeGroup } from "../../stores/subscriptions/hash32.js";
import type { ChangeStep } from "../../stores/subscriptions/mongo/take-turn.js";
import type { Change, GroupKey, GroupPut, Member, MemberPlace, Subscriptions } from "../../stores/subscriptions/subscriptions.js";
import { byUtf8 } from "./awkward-ids.js";
import type { PortFactory } from "./claims.js";

export type AfterStep = (step: ChangeStep) => Promise<void>;

export interface SubscriptionsFactory extends PortFactory<Subscriptions> {
  /**
   * Another process on the same store, in which the function runs after each step of a change. Its leases are short. A text is the reason why
   * a process cannot end between two steps.
   */
  readonly another: ((afterStep: AfterStep) => Promise<Subscriptions>) | string;
}

export const groupPut = (tenant: string, group: string): GroupPut => ({
  tenant,
  group,
  name: `Group ${group}`,
  attributes: { kind: "test" },
});

/** Every member at a version, by pages. */
export const scanAll = async (
  subscriptions: Subscriptions,
  key: GroupKey,
  version: number,
  { bucket = wholeGroup, limit = 1_000 }: { readonly bucket?: Bucket; readonly limit?: number } = {},
): Promise<readonly Member[]> => {
  const all: Member[] = [];
  for (let after: MemberPlace | undefined; ; ) {
    const page = await subscriptions.scan({ ...key, version, bucket, after, limit });
    if (page.members.length > limit) throw new Error(`a page of ${page.members.length} exceeds its limit ${limit}`);
    all.push(...page.members);
    if (!page.next) return all;
    after = page.next;
  }
};

export const usersOf = (members: readonly Member[]): string[] => members.map(({ user }) => user);

export const inScanOrder = (users: Iterable<string>): string[] =>
  [...users].sort((one, other) => hash32(one) - hash32(other) || byUtf8(one, other));

/** What a group's members should be at each version, from the answers to its changes. */
export const createModel = () => {
  const changes: { readonly version: number; readonly joined: readonly string[]; readonly left: readonly string[] }[] = [];
  const record = (change: Change | undefined, users: readonly string[], kind: "joined" | "left"): void => {
    if (!change) throw new Error("the group is gone");
    const own = users.filter((_, index) => change.changed[index]);
    if (own.length > 0) changes.push({ version: change.version, joined: [], left: [], [kind]: own });
  };
  return {
    record,
    versions: (): readonly number[] => changes.map(({ version }) => version),
    at: (version: number): string[] => {
      const members = new Set<string>();
      for (const change of [...changes].sort((one, other) => one.version - other.version)) {
        if (change.version > version) break;
        for (const user of change.joined) members.add(user);
        for (const user of change.left) members.delete(user);
      }
      return inScanOrder(members);
    },
  };
};
