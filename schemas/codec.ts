import avro from "avsc";
import { boundAvro, lenientType, strictType } from "./bounded-avro.js";
import { CarillonError, messageOf, newerRecord } from "./errors.js";
import { withSymbolsOf } from "./open-enums.js";
import { RecordSlab } from "./record-slab.js";
import type { RecordType } from "./records.js";

/** Stores schemas and finds them by id. */
export interface SchemaRegistry {
  /** Registers the schema under the subject, or finds it there. Rejects INCOMPATIBLE_SCHEMA, UNAVAILABLE. */
  register(subject: string, schema: object): Promise<number>;
  /** The schema with that id. Rejects UNKNOWN_SCHEMA, UNAVAILABLE. */
  schema(id: number): Promise<object>;
  close(): Promise<void>;
}

/** Encrypts records at rest. */
export interface Sealer {
  seal(bytes: Buffer): Buffer;
  /** Throws DECRYPTION_FAILED. */
  open(bytes: Buffer): Buffer;
  /** Whether the stored bytes are in the form in which `seal` would store them now. */
  isCurrent(stored: Buffer): boolean;
  /** A substitute for a text, for uses that only compare it. */
  nameOf(text: string): string;
}

/** Converts values of one record type to Confluent's wire format (0, 4 bytes of id, Avro) and back. Sealed if there is a sealer. */
export interface Codec<T> {
  encode(value: T): Buffer;
  /** Encodes a value that was decoded from `stored`, and returns those bytes if they can stay as they are. */
  encodeAgain(value: T, stored: Buffer | null): Buffer;
  /** Records with the same key keep their order. */
  key(value: T): string;
  /**
   * Throws or rejects UNDECODABLE, UNKNOWN_SCHEMA, WRONG_TYPE, NEWER_RECORD, DECRYPTION_FAILED, UNAVAILABLE. Synchronous once the writer's schema is
   * known.
   */
  decode(bytes: Buffer | null): T | Promise<T>;
}

boundAvro();

const headerBytes = 5;

const slab = new RecordSlab();

const framed = (type: avro.Type, value: unknown, id: number): Buffer => {
  const bytes = slab.write(type, value, headerBytes);
  bytes[0] = 0;
  bytes.writeUInt32BE(id, 1);
  return bytes;
};

/** The value after the header. Throws if the bytes end too early or too late. */
const valueAfterHeader = (bytes: Buffer, type: avro.Type, resolver: unknown): unknown => {
  const { value, offset } = type.decode(bytes, headerBytes, resolver as undefined);
  if (offset < 0) throw new Error("truncated buffer");
  if (offset < bytes.length) throw new Error("trailing data");
  return value;
};

const schemaIdOf = (bytes: Buffer): number => {
  if (bytes.length < headerBytes || bytes[0] !== 0) {
    const found = bytes.length === 0 ? "it is empty" : `it begins with 0x${bytes.toString("hex", 0, headerBytes)}`;
    throw new CarillonError("UNDECODABLE", `the value is not in the wire format, which begins with a zero byte and a schema id: ${found}`, {
      fix: "publish Avro with a Confluent-compatible serializer",
    });
  }
  return bytes.readUInt32BE(1);
};

/** First byte of a sealed record, instead of the wire format's zero. */
export const sealedByte = 1;

/** Shortest sealed record after the byte, the key's name and its length: nonces, keys and tags. */
const leastSealedBytes = 88;

/** Whether the record may be sealed: a foreign record may start with the same byte, but hardly with a key's name after it. */
const looksSealed = (bytes: Buffer): boolean => {
  const nameEnd = 2 + (bytes[1] ?? 0);
  return (
    bytes[0] === sealedByte &&
    bytes.length >= nameEnd + leastSealedBytes &&
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(bytes.toString("latin1", 2, nameEnd))
  );
};

const opened = (bytes: Buffer, sealer: Sealer | undefined): Buffer => {
  if (!looksSealed(bytes)) return bytes;
  if (sealer) return sealer.open(bytes);
  throw new CarillonError("DECRYPTION_FAILED", "the record is encrypted, and no keys are configured", {
    fix: "add the keys under encryption.keys, even if new data is not encrypted",
  });
};

/** How to read records with one writer's schema. */
interface Reading {
  readonly type: avro.Type;
  /** Undefined for the reader's own schema. */
  readonly resolver?: unknown;
  /** Whether a value may have symbols that the reader's own enums lack. */
  readonly isWider?: boolean;
}

/** Throws NEWER_RECORD, naming the field, if the value does not fit the reader's own schema. */
const refuseNewer = (value: unknown, reader: avro.Type, name: string): void => {
  let found: string | undefined;
  reader.isValid(value, {
    errorHook: (path, any) => {
      found ??= `${path.join(".")} is ${JSON.stringify(any)}`;
    },
  });
  if (found !== undefined) throw newerRecord(`in ${name}, ${found}`);
};

/** `id` is the schema id for encoded values. `sealer` seals records that are not public, and opens sealed ones. */
export const createCodec = <T>(type: RecordType<T>, id: number, registry: Pick<SchemaRegistry, "schema">, sealer?: Sealer): Codec<T> => {
  const sealing = type.isPublic ? undefined : sealer;
  const typeOf = (schema: object): avro.Type => (type.isForeign ? lenientType(schema) : strictType(schema));
  const reader = typeOf(type.schema);
  const valueIn = (bytes: Buffer, { type: readingType, resolver }: Reading): unknown => {
    try {
      return valueAfterHeader(bytes, readingType, resolver);
    } catch (error) {
      throw new CarillonError("UNDECODABLE", `the value is not a ${type.name}: ${messageOf(error)}`, { cause: error });
    }
  };
  const read = (bytes: Buffer, reading: Reading): T => {
    const value = valueIn(bytes, reading);
    if (reading.isWider) refuseNewer(value, reader, type.name);
    return value as T;
  };
  const readings = new Map<number, Reading>([[id, { type: reader }]]);
  const learn = async (writerId: number): Promise<Reading> => {
    const schema = await registry.schema(writerId);
    try {
      // names match without their namespaces (Avro specification, Schema Resolution), because producers generate classes in their own
      const options = { ignoreNamespaces: true };
      const wider = withSymbolsOf(schema, type.schema);
      const readingType = wider ? typeOf(wider) : reader;
      const resolver = readingType.createResolver(avro.Type.forSchema(schema as avro.Schema), options);
      const reading = { type: readingType, resolver, isWider: wider !== undefined };
      readings.set(writerId, reading);
      return reading;
    } catch (error) {
      const name = (schema as { name?: string }).name ?? "a schema without a name";
      throw new CarillonError("WRONG_TYPE", `schema ${writerId} is ${name}, not readable as ${type.name}: ${messageOf(error)}`, {
        cause: error,
        fix: `publish ${type.name} to this topic`,
      });
    }
  };
  const encode = (value: T): Buffer => {
    try {
      const bytes = framed(reader, value, id);
      return sealing ? sealing.seal(bytes) : bytes;
    } catch (error) {
      const paths: string[] = [];
      reader.isValid(value, { errorHook: (path) => paths.push(path.join(".")) });
      const where = paths.length > 0 ? `field ${paths.join(", ")}` : messageOf(error);
      throw new CarillonError("UNENCODABLE", `the value does not match ${type.name}: ${where}`, { cause: error });
    }
  };
  const isCurrent = (stored: Buffer): boolean => (sealing ? sealing.isCurrent(stored) : !looksSealed(stored));
  return {
    encode,
    encodeAgain: (value, stored) => (stored && isCurrent(stored) ? stored : encode(value)),
    key: (value) => (sealing ? sealing.nameOf(type.key(value)) : type.key(value)),
    decode: (stored) => {
      if (stored === null) throw new CarillonError("UNDECODABLE", "the record has no value");
      const bytes = opened(stored, sealer);
      const writerId = schemaIdOf(bytes);
      const reading = readings.get(writerId);
      return reading ? read(bytes, reading) : learn(writerId).then((learnt) => read(bytes, learnt));
    },
  };
};
