import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Kinds of answers whose error can be replaced, by the request's number in the protocol: https://kafka.apache.org/protocol. */
const apis = { Fetch: 1, Heartbeat: 12, JoinGroup: 11, SyncGroup: 14 } as const;
export type FaultyApi = keyof typeof apis;

/** The first version of each answer with tagged fields. */
const flexibleFrom: Readonly<Record<FaultyApi, number>> = { Fetch: 12, Heartbeat: 4, JoinGroup: 6, SyncGroup: 4 };

interface Question {
  readonly api: FaultyApi;
  readonly version: number;
}

export interface BrokerFaults {
  /** The error's number by kind of answer. */
  readonly errors?: Partial<Record<FaultyApi, number>>;
  /** The error's number for each fetched partition. */
  readonly partitionError?: number;
  /** Replaces a partition's batches. The result has the same length. */
  readonly batches?: (batches: Buffer) => Buffer;
}

/** Reads an answer field by field, in place. */
class Cursor {
  constructor(
    readonly bytes: Buffer,
    public at: number,
    private readonly isFlexible: boolean,
  ) {}

  skip(count: number): void {
    this.at += count;
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** The length of an array or of bytes; 0 if there are none. */
  length(): number {
    if (this.isFlexible) return Math.max(0, this.varint() - 1);
    this.skip(4);
    return Math.max(0, this.bytes.readInt32BE(this.at - 4));
  }

  string(): void {
    if (this.isFlexible) {
      this.skip(this.length());
      return;
    }
    this.skip(2);
    this.skip(this.bytes.readInt16BE(this.at - 2));
  }

  tags(): void {
    if (!this.isFlexible) return;
    for (let left = this.varint(); left > 0; left -= 1) {
      this.varint();
      this.skip(this.varint());
    }
  }
}

/** Alters the partitions of an answer to Fetch, versions 7 to 17. */
const spoilPartitions = (cursor: Cursor, version: number, { partitionError, batches }: BrokerFaults): void => {
  const { bytes } = cursor;
  cursor.skip(4 + 2 + 4); // throttle time, error, session
  for (let topics = cursor.length(); topics > 0; topics -= 1) {
    if (version < 13) cursor.string();
    else cursor.skip(16);
    for (let partitions = cursor.length(); partitions > 0; partitions -= 1) {
      cursor.skip(4);
      if (partitionError !== undefined) bytes.writeInt16BE(partitionError, cursor.at);
      cursor.skip(2 + 3 * 8); // error, and three offsets
      cursor.skip(cursor.length() * 16); // aborted transactions; before version 12 they have no tags, and tests have none in later versions
      if (version >= 11) cursor.skip(4); // preferred replica
      const size = cursor.length();
      if (batches && size > 0) batches(bytes.subarray(cursor.at, cursor.at + size)).copy(bytes, cursor.at);
      cursor.skip(size);
      cursor.tags();
    }
    cursor.tags();
  }
};

/** Returns whether anything was altered. */
const spoil = (answer: Buffer, { api, version }: Question, faults: BrokerFaults): boolean => {
  const isFlexible = version >= flexibleFrom[api];
  const cursor = new Cursor(answer, 4, isFlexible);
  cursor.tags();
  const error = faults.errors?.[api];
  const errorAt = cursor.at + 4; // after the throttle time
  if (error !== undefined) answer.writeInt16BE(error, errorAt);
  const isPartitions = api === "Fetch" && (faults.partitionError !== undefined || faults.batches !== undefined);
  if (isPartitions) spoilPartitions(cursor, version, faults);
  return error !== undefined || isPartitions;
};

/** Passes on whole frames, each with its four bytes of length. */
const framesOf = (onFrame: (frame: Buffer) => void) => {
  let held: Buffer = Buffer.alloc(0);
  return (chunk: Buffer): void => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0);
      onFrame(held.subarray(4, end));
      held = held.subarray(end);
    }
  };
};

const apiByNumber = new Map(Object.entries(apis).map(([name, number]) => [number as number, name as FaultyApi]));

/** A proxy for a broker without TLS. It can alter the broker's answers like a broker in trouble, or cut all connections. */
export class FaultyBroker {
  private faults: readonly BrokerFaults[] = [];
  /** The current faults that occurred in an answer, with their number. */
  readonly struck = new Map<BrokerFaults, number>();
  private connections = 0;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private target = { host: "", port: 0 };
  port = 0;

  /** Listens on a port, which the broker has to advertise. */
  async listen(): Promise<void> {
    const server = createServer((client) => this.pass(client));
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  passTo(host: string, port: number): void {
    this.target = { host, port };
  }

  /** From now on each new connection has the next one of these faults. */
  spoil(...faults: readonly BrokerFaults[]): void {
    this.faults = faults;
    this.struck.clear();
  }

  heal(): void {
    this.faults = [];
  }

  /** Closes every connection, and refuses new ones until it listens again. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private pass(client: Socket): void {
    const broker = connect(this.target.port, this.target.host);
    const asked = new Map<number, Question>();
    const turn = this.connections++;
    const read = framesOf((frame) => {
      const api = apiByNumber.get(frame.readInt16BE(0));
      if (api) asked.set(frame.readInt32BE(4), { api, version: frame.readInt16BE(2) });
    });
    client.on("data", (chunk: Buffer) => {
      read(chunk);
      broker.write(chunk);
    });
    const answer = framesOf((frame) => {
      const question = asked.get(frame.readInt32BE(0));
      asked.delete(frame.readInt32BE(0));
      const copy = Buffer.alloc(4 + frame.length);
      copy.writeInt32BE(frame.length, 0);
      frame.copy(copy, 4);
      const faults = this.faults[turn % Math.max(1, this.faults.length)];
      if (question && faults && spoil(copy.subarray(4), question, faults)) this.struck.set(faults, (this.struck.get(faults) ?? 0) + 1);
      client.write(copy);
    });
    broker.on("data", answer);
    for (const [one, other] of [[client, broker] as const, [broker, client] as const]) {
      this.sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
