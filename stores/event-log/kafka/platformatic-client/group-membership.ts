import {
  type Connection,
  type Consumer,
  FindCoordinatorKeyTypes,
  type findCoordinatorV6,
  type heartbeatV4,
  type joinGroupV9,
  type leaveGroupV5,
  type offsetCommitV9,
  Reader,
  type syncGroupV5,
  Writer,
} from "@platformatic/kafka";
import { decodeHolding, encodeHolding, type Holding, type HoldingMember, nothingHeld, stickyAssignment } from "../sticky-assignment.js";
import { callProtocol } from "./protocol-call.js";

/** Name of the assignment protocol that the group's members agree on. */
const protocolName = "carillon-sticky";

export interface MembershipOptions {
  readonly topic: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

interface Named {
  readonly apiId?: unknown;
  readonly memberId?: unknown;
  findBy?(property: string, value: unknown): Named | null;
}

type FoundCoordinator = findCoordinatorV6.FindCoordinatorResponseCoordinator;

interface Apis {
  readonly JoinGroup: typeof joinGroupV9.api;
  readonly SyncGroup: typeof syncGroupV5.api;
  readonly Heartbeat: typeof heartbeatV4.api;
  readonly LeaveGroup: typeof leaveGroupV5.api;
  readonly OffsetCommit: typeof offsetCommitV9.api;
}

/** The subscription of ConsumerProtocol, version 0, with the member's current assignment: https://kafka.apache.org/protocol. */
const subscriptionTo = (topic: string, held: Holding): Buffer =>
  Writer.create()
    .appendInt16(0)
    .appendArray([topic], (writer, name) => writer.appendString(name, false), false, false)
    .appendBytes(encodeHolding(held), false).buffer;

const holdingIn = (subscription: Buffer | null | undefined): Holding => {
  if (!subscription || subscription.length < 6) return nothingHeld;
  const reader = Reader.from(subscription);
  reader.skip(2);
  reader.readArray((one) => one.readString(false), false, false);
  return decodeHolding(reader.readBytes(false));
};

/** The assignment of ConsumerProtocol, version 0. */
const assignmentOf = (topic: string, partitions: readonly number[]): Buffer =>
  Writer.create()
    .appendInt16(0)
    .appendArray(
      [topic],
      (writer, name) => {
        writer.appendString(name, false).appendArray([...partitions], (inner, partition) => inner.appendInt32(partition), false, false);
      },
      false,
      false,
    )
    .appendBytes(null, false).buffer;

const partitionsIn = (assignment: Buffer): number[] => {
  if (assignment.length < 6) return [];
  const reader = Reader.from(assignment);
  reader.skip(2);
  const topics = reader.readArray(
    (one) => {
      one.readString(false);
      return one.readArray((inner) => inner.readInt32(), false, false) ?? [];
    },
    false,
    false,
  );
  return (topics ?? []).flat();
};

/**
 * Group membership whose owner decides when to rejoin. The library's own membership rejoins immediately and would hand over partitions
 * whose records are still in flight. It also commits again after rejoining, which a fenced worker must not do.
 */
export class GroupMembership {
  memberId = "";
  generationId = -1;
  /** The last known coordinator. */
  coordinatorId: number | null = null;
  private coordinator: FoundCoordinator | undefined;
  private held = nothingHeld;

  constructor(
    private readonly consumer: Consumer,
    private readonly options: MembershipOptions,
  ) {}

  get groupId(): string {
    return this.consumer.groupId;
  }

  /** Joins or rejoins. Resolves with this member's partitions until the next join. */
  async join(): Promise<readonly number[]> {
    const { topic, sessionTimeoutMs, rebalanceTimeoutMs } = this.options;
    const protocols = [{ name: protocolName, metadata: subscriptionTo(topic, this.held) }];
    const joining = () =>
      this.ask("JoinGroup", (api, connection) =>
        api.async(connection, this.groupId, sessionTimeoutMs, rebalanceTimeoutMs, this.memberId, null, "consumer", protocols, null),
      );
    const joined = await joining().catch((error: Named) => {
      const asked = error.findBy?.("apiId", "MEMBER_ID_REQUIRED");
      if (asked && typeof asked.memberId === "string") {
        this.memberId = asked.memberId;
        return joining();
      }
      if (error.findBy?.("apiId", "UNKNOWN_MEMBER_ID")) this.memberId = "";
      throw error;
    });
    this.memberId = joined.memberId ?? this.memberId;
    this.generationId = joined.generationId;
    const isLeader = joined.leader === this.memberId;
    const holders = joined.members.map(({ memberId, metadata }) => ({ memberId, held: holdingIn(metadata) }));
    const assignments = isLeader ? await this.assign(holders) : [];
    const synced = await this.ask("SyncGroup", (api, connection) =>
      api.async(connection, this.groupId, this.generationId, this.memberId, null, "consumer", protocolName, assignments),
    );
    const partitions = partitionsIn(synced.assignment);
    this.held = { sinceMs: Date.now(), partitions };
    return partitions;
  }

  /** Rejects with REBALANCE_IN_PROGRESS when the member has to release its partitions and rejoin, or with the fencing error. */
  async heartbeat(): Promise<void> {
    await this.ask("Heartbeat", (api, connection) => api.async(connection, this.groupId, this.generationId, this.memberId, null));
  }

  /** Rejects when the group has moved on without this member. */
  async commit(partition: number, nextOffset: number, generationId: number): Promise<void> {
    const partitions = [{ partitionIndex: partition, committedOffset: BigInt(nextOffset), committedLeaderEpoch: -1 }];
    await this.ask("OffsetCommit", (api, connection) =>
      api.async(connection, this.groupId, generationId, this.memberId, null, [{ name: this.options.topic, partitions }]),
    );
  }

  async leave(): Promise<void> {
    if (this.memberId === "") return;
    await this.ask("LeaveGroup", (api, connection) => api.async(connection, this.groupId, [{ memberId: this.memberId }]));
    this.memberId = "";
  }

  private async assign(members: readonly HoldingMember[]): Promise<{ memberId: string; assignment: Buffer }[]> {
    const { topic } = this.options;
    const metadata = await this.consumer.metadata({ topics: [topic], forceUpdate: true });
    const count = metadata.topics.get(topic)?.partitionsCount ?? 0;
    return [...stickyAssignment(members, count)].map(([memberId, partitions]) => ({
      memberId,
      assignment: assignmentOf(topic, partitions),
    }));
  }

  /** Looked up each time: the library caches the first answer indefinitely, and the coordinator moves when its broker fails. */
  private async findCoordinator(): Promise<FoundCoordinator> {
    const { coordinators } = await callProtocol(this.consumer, "any", "FindCoordinator", (api: typeof findCoordinatorV6.api, connection) =>
      api.async(connection, FindCoordinatorKeyTypes.GROUP, [this.groupId]),
    );
    const found = coordinators.find(({ key }) => key === this.groupId);
    if (!found) throw new Error(`the group ${this.groupId} has no coordinator yet`);
    this.coordinatorId = found.nodeId;
    return found;
  }

  private async ask<Name extends keyof Apis, Answer>(
    name: Name,
    question: (api: Apis[Name], connection: Connection) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      this.coordinator ??= await this.findCoordinator();
      const { coordinator, consumer } = this;
      return await callProtocol(consumer, coordinator, name, question);
    } catch (error) {
      this.coordinator = undefined; // the coordinator may have moved
      throw error;
    }
  }
}
