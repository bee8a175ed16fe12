import { type Codec, createCodec, type SchemaRegistry, type Sealer } from "../../schemas/codec.js";
import type { AnyFamily, TopicFamily } from "../topic-family.js";

/** The codec of each family's record type. */
export interface Codecs {
  of<T>(family: TopicFamily<T>): Codec<T>;
}

/** Registers each record type under its topics' subjects (`<topic>-value`), concurrently. */
export const registerCodecs = async (
  families: readonly AnyFamily[],
  registry: SchemaRegistry,
  topicOf: (member: string) => string,
  sealer?: Sealer,
): Promise<Codecs> => {
  const codecs = new Map<string, Codec<unknown>>();
  await Promise.all(
    families.map(async (family) => {
      const ids = await Promise.all(
        family.members.map((member) => registry.register(`${topicOf(member.name)}-value`, family.record.schema)),
      );
      codecs.set(family.name, createCodec(family.record, ids[0] ?? 0, registry, sealer));
    }),
  );
  return {
    of: <T>(family: TopicFamily<T>) => {
      const codec = codecs.get(family.name);
      if (!codec) throw new Error(`no codec for ${family.name}`);
      return codec as Codec<T>;
    },
  };
};
