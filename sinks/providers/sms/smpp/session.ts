import smpp, { type Pdu, type Session } from "smpp";
import { messageOf } from "../../../../schemas/errors.js";
import type { Clock } from "../../../../stores/clock.js";

export interface SmppSessionOptions {
  readonly url: string;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Most submits without an answer. */
  readonly window: number;
  readonly enquireEveryMs: number;
  readonly answerTimeoutMs: number;
}

/** Nothing was sent: there is no session. */
export class NotBound extends Error {
  readonly code = "NOT_BOUND";

  constructor(
    message: string,
    /** Why the bind was refused, if it was. */
    readonly status?: number,
  ) {
    super(message);
  }
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * One session to an SMSC: bound when first needed, kept alive by enquire_link, bound anew after it broke.
 * Source: SMPP 3.4.
 */
export class SmppSession {
  private session: Session | undefined;
  private binding: Promise<Session> | undefined;
  private readonly unanswered = new Set<(error: Error) => void>();
  private readonly queue: (() => void)[] = [];
  private inFlight = 0;
  private pauseMs = firstPauseMs;
  private notBeforeMs = 0;
  private closed = false;
  private stopKeeping: (() => void) | undefined;

  constructor(
    private readonly options: SmppSessionOptions,
    private readonly clock: Clock,
    /** Takes what the SMSC sends; resolves once it is safe. */
    private readonly onDeliver: (pdu: Pdu) => Promise<void>,
  ) {}

  /** Binds if need be. Rejects NotBound. */
  async ready(): Promise<Session> {
    if (this.session) return this.session;
    if (this.closed) throw new NotBound("the session was closed");
    if (!this.binding && this.clock.now() < this.notBeforeMs) throw new NotBound(`${this.options.url} was not to be had a moment ago`);
    this.binding ??= this.bind().finally(() => {
      this.binding = undefined;
    });
    return this.binding;
  }

  /** Keeps a session even while nothing is sent, for the receipts. */
  keep(): void {
    const again = (): void => {
      this.ready().catch(() => undefined);
      this.stopKeeping = this.clock.after(this.options.enquireEveryMs, again);
    };
    again();
  }

  /** Submits within the window; resolves with the answer. Rejects NotBound when nothing was sent, else when no answer came. */
  async submit(message: object): Promise<Pdu> {
    await this.enter();
    try {
      const session = await this.ready();
      return await this.ask((answer) => session.submit_sm(message, answer));
    } finally {
      this.inFlight -= 1;
      this.queue.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopKeeping?.();
    const { session } = this;
    if (!session) return;
    await Promise.race([this.ask((answer) => session.unbind(answer)).catch(() => undefined), this.clock.sleep(2_000)]);
    session.destroy();
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

  /** One question and its answer, within the deadline and the life of the connection. */
  private ask(send: (answer: (pdu: Pdu) => void) => boolean): Promise<Pdu> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        cancel();
        this.unanswered.delete(fail);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const cancel = this.clock.after(this.options.answerTimeoutMs, () => fail(new Error("the SMSC did not answer in time")));
      this.unanswered.add(fail);
      const sent = send((pdu) => {
        end();
        resolve(pdu);
      });
      if (!sent) fail(new NotBound("the connection is closed"));
    });
  }

  private async bind(): Promise<Session> {
    const { url, systemId, password, systemType, answerTimeoutMs } = this.options;
    const session = smpp.connect({ url });
    const broken = new Promise<never>((_, reject) => {
      session.on("error", (error: Error) => reject(new NotBound(`${url}: ${messageOf(error)}`)));
      session.once("close", () => reject(new NotBound(`${url} closed the connection`)));
    });
    broken.catch(() => undefined);
    session.once("close", () => this.lose(session));
    const connected = new Promise<void>((resolve) => session.once(url.startsWith("ssmpp:") ? "secureConnect" : "connect", resolve));
    const late = this.clock.sleep(answerTimeoutMs).then(() => {
      throw new NotBound(`${url} did not answer within ${answerTimeoutMs} ms`);
    });
    late.catch(() => undefined);
    try {
      await Promise.race([connected, broken, late]);
      const bind = { system_id: systemId, password, system_type: systemType, interface_version: 0x34 };
      const answer = await Promise.race([this.ask((heard) => session.bind_transceiver(bind, heard)), broken, late]);
      if (answer.command_status !== 0) throw new NotBound(`${url} refuses the bind`, answer.command_status);
    } catch (error) {
      session.destroy();
      this.notBeforeMs = this.clock.now() + this.pauseMs;
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
      throw error instanceof NotBound ? error : new NotBound(messageOf(error));
    }
    this.pauseMs = firstPauseMs;
    this.session = session;
    this.serve(session);
    return session;
  }

  private serve(session: Session): void {
    session.on("deliver_sm", (pdu: Pdu) => {
      this.onDeliver(pdu).then(
        () => session.send(pdu.response()),
        // the SMSC keeps it and sends it again. Source: SMPP 3.4, 5.1.3, ESME_RX_T_APPN
        () => session.send(pdu.response({ command_status: 0x64 })),
      );
    });
    session.on("enquire_link", (pdu: Pdu) => session.send(pdu.response()));
    session.on("unbind", (pdu: Pdu) => {
      session.send(pdu.response());
      session.close();
    });
    const enquire = (): void => {
      if (this.session !== session) return;
      this.ask((answer) => session.enquire_link(answer)).then(
        () => this.clock.after(this.options.enquireEveryMs, enquire),
        () => session.destroy(),
      );
    };
    this.clock.after(this.options.enquireEveryMs, enquire);
  }

  private lose(session: Session): void {
    if (this.session === session) this.session = undefined;
    for (const fail of [...this.unanswered]) fail(new Error("the connection broke before the SMSC answered"));
  }
}
