import { Admin } from "@platformatic/kafka";
import { endedWithin } from "../../deadline.js";
import type { KafkaClientOptions } from "./kafka-client.js";
import { connectionOf, watched } from "./platformatic-client/connection.js";

interface Member {
  readonly memberId: string;
  readonly clientId: string;
}

/** After this time the start goes on, and the group waits until the former member's session expires. */
const withinMs = 5_000;

/**
 * Removes former members with this consumer's name from the group. A consumer that was killed or disconnected stays a member until its
 * session times out, and the whole group waits for it. Neither client can keep a member id across a crash, so members are matched by name,
 * which contains the process and the consumer's index.
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
    const admin = watched(new Admin({ ...connectionOf(options), retries: 1 }), options.sockets);
    try {
      await admin.removeMembersFromConsumerGroup({ groupId: group, members: former.map(({ memberId }) => ({ memberId })) });
    } finally {
      await admin.close().catch(() => undefined);
    }
  };
  await endedWithin(withinMs, remove());
};
