import { messageOf } from "../../../../schemas/errors.js";
import type { Clock } from "../../../../stores/clock.js";
import { longestDeadlineMs } from "../../../../stores/start-deadline.js";
import { type AskOptions, type ConnectionHandlers, SmppConnection } from "./connection.js";
import type { RawPdu } from "./pdu-reader.js";

export interface SmppSessionOptions {
  readonly url: string;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Most unanswered submits at a time. */
  readonly window: number;
  readonly enquireEveryMs: number;
  readonly answerTimeoutMs: number;
}

/** Callbacks of a submit that waits for the window and for the session. */
export interface SubmitTurn {
  /** Called when it is the submit's turn; false leaves it unsent. */
  readonly wanted?: () => boolean;
  /** Called before the first byte is sent. */
  readonly begins?: () => void;
  /** Ends the wait for the answer: the deadline of the call. */
  readonly signal?: AbortSignal | undefined;
}

/** There is no session, so nothing was sent. */
export class NotBound extends Error {
  readonly code = "NOT_BOUND";

  constructor(
    message: string,
    /** The status of a refused bind. */
    readonly status?: number,
  ) {
    super(message);
  }
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const unbindTimeoutMs = 2_000;

/**
 * One session with an SMSC: bound at first use, kept alive with enquire_link, and rebound after a break.
 * Source: SMPP 3.4.
 */
export class SmppSession {
  private connection: SmppConnection | undefined;
  private binding: Promise<SmppConnection> | undefined;
  private readonly queue: (() => void)[] = [];
  private inFlight = 0;
  private pauseMs = firstPauseMs;
  private notBeforeMs = 0;
  private closed = false;
  private stopKeeping: (() => void) | undefined;

  constructor(
    private readonly options: SmppSessionOptions,
    private readonly clock: Clock,
    /** Receives PDUs from the SMSC. */
    private readonly handlers: Pick<ConnectionHandlers, "onDelivery" | "onNotice">,
  ) {}

  /** Binds if necessary. Rejects NotBound. */
  async ready(): Promise<SmppConnection> {
    if (this.connection) return this.connection;
    if (this.closed) throw new NotBound("the session was closed");
    if (!this.binding && this.clock.now() < this.notBeforeMs) throw new NotBound(`${this.options.url} could not be reached a moment ago`);
    this.binding ??= this.bind().finally(() => {
      this.binding = undefined;
    });
    return this.binding;
  }

  /** Keeps a session open even while nothing is sent, to receive receipts. */
  keep(): void {
    const again = (): void => {
      this.ready().catch(() => undefined);
      this.stopKeeping = this.clock.after(this.options.enquireEveryMs, again);
    };
    again();
  }

  /**
   * Submits within the window and resolves with the answer. Rejects NotBound if nothing was sent, or with another error if no answer came.
   */
  async submit(message: object, { wanted, begins, signal }: SubmitTurn = {}): Promise<RawPdu> {
    await this.enter();
    try {
      const connection = await this.ready();
      if (wanted?.() === false) throw new NotBound("the deadline of the call passed before its turn came");
      begins?.();
      // a further part of a message whose call has ended waits for its own answer, so that it keeps its place in the window
      if (signal?.aborted) return await this.ask(connection, "submit_sm", message);
      return await this.ask(connection, "submit_sm", message, { deadlineMs: longestDeadlineMs(this.options.answerTimeoutMs), signal });
    } finally {
      this.inFlight -= 1;
      this.queue.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopKeeping?.();
    const { connection } = this;
    if (!connection) return;
    await Promise.race([this.ask(connection, "unbind").catch(() => undefined), this.clock.sleep(unbindTimeoutMs)]);
    connection.destroy();
  }

  private enter(): Promise<void> {
    const { window } = this.options;
    return new Promise((resolve) => {
      const go = (): void => {
        this.inFlight += 1;
        resolve();
      };
      if (this.inFlight < window) go();
      else this.queue.push(go);
    });
  }

  private ask(connection: SmppConnection, command: string, fields: object = {}, options: Partial<AskOptions> = {}): Promise<RawPdu> {
    const onClosed = (): Error => new NotBound("the connection is closed");
    return connection.ask(command, fields, { deadlineMs: this.options.answerTimeoutMs, onClosed, ...options });
  }

  private async bind(): Promise<SmppConnection> {
    const { url, systemId, password, systemType, answerTimeoutMs } = this.options;
    let connection: SmppConnection | undefined;
    let broken: Error | undefined;
    const onEnd = (error?: Error): void => {
      broken = error ?? new Error(`${url} closed the connection`);
      if (this.connection === connection) this.connection = undefined;
    };
    try {
      connection = await SmppConnection.open(url, answerTimeoutMs, this.clock, { ...this.handlers, onEnd });
      const bind = { system_id: systemId, password, system_type: systemType, interface_version: 0x34 };
      const answer = await this.ask(connection, "bind_transceiver", bind);
      if (answer.status !== 0) throw new NotBound(`${url} refuses the bind`, answer.status);
      if (broken) throw broken;
    } catch (error) {
      connection?.destroy();
      this.notBeforeMs = this.clock.now() + this.pauseMs;
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
      throw error instanceof NotBound ? error : new NotBound(`${url}: ${messageOf(error)}`);
    }
    this.pauseMs = firstPauseMs;
    this.connection = connection;
    this.keepAlive(connection);
    return connection;
  }

  private keepAlive(connection: SmppConnection): void {
    const enquire = (): void => {
      if (this.connection !== connection) return;
      this.ask(connection, "enquire_link").then(
        () => this.clock.after(this.options.enquireEveryMs, enquire),
        () => connection.destroy(),
      );
    };
    this.clock.after(this.options.enquireEveryMs, enquire);
  }
}
