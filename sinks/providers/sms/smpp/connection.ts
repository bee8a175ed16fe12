import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import smpp from "smpp";
import type { Clock } from "../../../../stores/clock.js";
import { startDeadline } from "../../../../stores/start-deadline.js";
import { commandIds, type RawPdu, rawPduOf, responseBit } from "./pdu-reader.js";

/** Statuses of SMPP 3.4, 5.1.3. */
export const statuses = { ok: 0x00, invalidLength: 0x02, invalidCommand: 0x03, invalidBindState: 0x04, temporaryError: 0x64 } as const;

/** Longest PDU that is read: a message_payload of 64 kB plus the other fields. */
const mostBytes = 70_000;
const headerBytes = 16;

/** How long answers are still read after the SMSC has unbound. */
const lingerMs = 2_000;

/** With this many unstored deliveries, Carillon stops reading from the SMSC until some are stored. */
const mostUnsafe = 100;

export interface ConnectionHandlers {
  /** Accepts a delivery. Resolves once it is stored, rejects if it cannot be stored now. */
  readonly onDelivery: (pdu: RawPdu) => Promise<void>;
  /** Accepts a notification that has no response. */
  readonly onNotice: (pdu: RawPdu) => Promise<void>;
  /** Called once, when the connection has ended or the SMSC has unbound. */
  readonly onEnd: (error?: Error) => void;
}

export interface AskOptions {
  readonly deadlineMs: number;
  /** The error if nothing was sent, because the connection has ended. */
  readonly onClosed: () => Error;
  /** Stops waiting for the answer. */
  readonly signal?: AbortSignal | undefined;
}

const openSocket = (address: string): Socket => {
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol !== "ssmpp:") return connectTcp({ host, port: Number(port || 2775) });
  return connectTls({ host, port: Number(port || 3550), ...(isIP(host) === 0 ? { servername: host } : {}) });
};

/**
 * One connection to an SMSC. It frames PDUs itself and keeps their bytes, so that an unparsable delivery still gets an answer and can still
 * be stored. Every request of the SMSC gets the answer that SMPP 3.4 defines for it.
 */
export class SmppConnection {
  private received: Buffer = Buffer.alloc(0);
  private sequence = 0;
  private unsafe = 0;
  private ended = false;
  private left = false;
  private readonly waiting = new Map<number, (pdu: RawPdu) => void>();
  private readonly failing = new Set<(error: Error) => void>();

  private constructor(
    private readonly socket: Socket,
    private readonly clock: Clock,
    private readonly handlers: ConnectionHandlers,
  ) {
    socket.on("data", (bytes) => this.take(bytes));
    socket.once("error", (error) => this.end(error));
    socket.once("close", () => this.end());
  }

  /** Resolves once the SMSC is connected, over TLS if the address says so. Rejects after the deadline. */
  static open(address: string, deadlineMs: number, clock: Clock, handlers: ConnectionHandlers): Promise<SmppConnection> {
    const socket = openSocket(address);
    return new Promise((resolve, reject) => {
      const cancel = startDeadline(deadlineMs, clock, () => {
        socket.destroy();
        reject(new Error(`${address} did not answer within ${deadlineMs} ms`));
      });
      const fail = (error?: Error): void => {
        cancel();
        reject(error ?? new Error(`${address} closed the connection`));
      };
      socket.once("error", fail);
      socket.once("close", () => fail());
      socket.once(address.startsWith("ssmpp:") ? "secureConnect" : "connect", () => {
        cancel();
        socket.removeListener("error", fail);
        resolve(new SmppConnection(socket, clock, handlers));
      });
    });
  }

  /**
   * Sends one request and resolves with its answer, within the deadline and the life of the connection, or until the signal aborts. Rejects
   * with `onClosed` if nothing was sent.
   */
  ask(command: string, fields: object, { deadlineMs, onClosed, signal }: AskOptions): Promise<RawPdu> {
    return new Promise((resolve, reject) => {
      if (this.ended || !this.socket.writable || signal?.aborted) return reject(onClosed());
      this.sequence = (this.sequence % 0x7fff_ffff) + 1;
      const { sequence } = this;
      const bytes = new smpp.PDU(command, { ...fields, sequence_number: sequence }).toBuffer();
      const settle = (): void => {
        cancel();
        signal?.removeEventListener("abort", giveUp);
        this.waiting.delete(sequence);
        this.failing.delete(fail);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const giveUp = (): void => fail(new Error("the SMSC did not answer in time"));
      const cancel = startDeadline(deadlineMs, this.clock, giveUp);
      signal?.addEventListener("abort", giveUp, { once: true });
      this.failing.add(fail);
      this.waiting.set(sequence, (pdu) => {
        settle();
        resolve(pdu);
      });
      this.socket.write(bytes);
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  private end(error?: Error): void {
    if (this.ended) return;
    this.ended = true;
    for (const fail of [...this.failing]) fail(new Error("the connection broke before the SMSC answered"));
    this.leave(error);
  }

  /** Sends nothing more over this connection. */
  private leave(error?: Error): void {
    if (this.left) return;
    this.left = true;
    this.handlers.onEnd(error);
  }

  private take(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    while (this.received.length >= 4) {
      const length = this.received.readUInt32BE(0);
      if (length < headerBytes || length > mostBytes) {
        this.refuseFrame();
        return;
      }
      if (this.received.length < length) return;
      const pdu = rawPduOf(Buffer.from(this.received.subarray(0, length)));
      this.received = this.received.subarray(length);
      this.handle(pdu);
    }
  }

  /** The end of the current PDU is unknown, and so is the start of the next. */
  private refuseFrame(): void {
    const sequence = this.received.length >= headerBytes ? this.received.readUInt32BE(12) : 0;
    this.received = Buffer.alloc(0);
    this.answer("generic_nack", sequence, statuses.invalidLength);
    this.socket.end();
    this.socket.destroySoon();
  }

  private handle(pdu: RawPdu): void {
    const { commandId, sequence } = pdu;
    if (commandId >= responseBit) {
      this.waiting.get(sequence)?.(pdu);
      return;
    }
    switch (commandId) {
      case commandIds.deliver_sm:
        this.keep(pdu, "deliver_sm_resp");
        break;
      case commandIds.data_sm:
        this.keep(pdu, "data_sm_resp");
        break;
      case commandIds.enquire_link:
        this.answer("enquire_link_resp", sequence);
        break;
      case commandIds.unbind:
        this.answer("unbind_resp", sequence);
        this.socket.end();
        this.leave();
        // Carillon does not wait for an SMSC that leaves its side open
        this.clock.after(lingerMs, () => this.socket.destroy());
        break;
      case commandIds.alert_notification:
        this.handlers.onNotice(pdu).catch(() => undefined); // it requires no answer and names no message
        break;
      case commandIds.outbind:
        // an outbind requests a bind, and this connection is already bound
        this.answer("generic_nack", sequence, statuses.invalidBindState);
        break;
      default:
        this.answer("generic_nack", sequence, statuses.invalidCommand);
    }
  }

  private keep(pdu: RawPdu, response: string): void {
    this.unsafe += 1;
    if (this.unsafe >= mostUnsafe) this.socket.pause();
    this.handlers
      .onDelivery(pdu)
      .then(
        () => this.answer(response, pdu.sequence),
        // the SMSC keeps the delivery and sends it again
        () => this.answer(response, pdu.sequence, statuses.temporaryError),
      )
      .finally(() => {
        this.unsafe -= 1;
        if (this.unsafe < mostUnsafe) this.socket.resume();
      });
  }

  private answer(command: string, sequence: number, status: number = statuses.ok): void {
    if (this.ended || !this.socket.writable) return;
    this.socket.write(new smpp.PDU(command, { command_status: status, sequence_number: sequence }).toBuffer());
  }
}
