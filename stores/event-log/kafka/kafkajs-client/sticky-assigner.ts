import { AssignerProtocol, type PartitionAssigner } from "kafkajs";
import { decodeHolding, encodeHolding, type Holding, stickyAssignment } from "../sticky-assignment.js";

const name = "carillon-sticky";
const version = 0;

/** The cluster as kafkajs hands it to assigners: more than its types say. */
interface ClusterMetadata {
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
}

/** Has kafkajs leave partitions where they were, as far as that stays even. `held`: what this member was given last. */
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
      const [topic = ""] = topics; // each group here reads one
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
