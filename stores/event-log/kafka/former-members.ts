import { Admin } from "@platformatic/kafka";
import { endedWithin } from "../../deadline.js";
import type { KafkaClientOptions } from "./kafka-client.js";
import { connectionOf, watched } from "./platformatic-client/connection.js";

interface Member {
  readonly memberId: string;
  readonly clientId: string;
}

/** Without it the group waits for its session to end, as it did before: no start is held up for longer. */
const withinMs = 5_000;

/**
 * Takes out of the group what is left of the consumer of this name: one that was killed, or lost its connection, stays a
 * member until its session times out, and the whole group waits for it meanwhile. Neither client can keep a member's id
 * over a crash, so the name tells them apart: it has the process and the consumer's place in it.
 */
export const removeFormerMembers = async (
  options: KafkaClientOptions,
  group: string,
  clientId: string,
  members: () => Promise<readonly Member[]>,
): Promise<void> => {
  const remove = async (): Promise<void> => {
    const former = (await members()).filter((member) => member.clientId === clientId);
    if (former.length === 0) return;
    const admin = watched(new Admin({ ...connectionOf(options), retries: 1 }));
    try {
      await admin.removeMembersFromConsumerGroup({ groupId: group, members: former.map(({ memberId }) => ({ memberId })) });
    } finally {
      await admin.close().catch(() => undefined);
    }
  };
  await endedWithin(withinMs, remove());
};
