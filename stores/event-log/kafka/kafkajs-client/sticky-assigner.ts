import { AssignerProtocol, type PartitionAssigner } from "kafkajs";
import { decodeHolding, encodeHolding, type Holding, stickyAssignment } from "../sticky-assignment.js";

const name = "carillon-sticky";
const version = 0;

/** The cluster as kafkajs passes it to assigners, with members that its types omit. */
interface ClusterMetadata {
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
}

/**
 * An assigner for kafkajs that leaves partitions with their members as far as the assignment stays even. `held`: this member's last
 * assignment.
 */
export const createStickyAssigner =
  (held: () => Holding): PartitionAssigner =>
  ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: encodeHolding(held()) }),
    }),
    assign: async ({ members, topics }) => {
      const [topic = ""] = topics; // each group here reads one topic
      const count = (cluster as unknown as ClusterMetadata).findTopicPartitionMetadata(topic).length;
      const holders = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        held: decodeHolding(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData),
      }));
      return [...stickyAssignment(holders, count)].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version,
          assignment: { [topic]: [...partitions] },
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
