/** The sender of messages. */
export interface Sender {
  /** The tenant of messages that name none. */
  readonly tenant: string;
  /** Whether messages may name another tenant. */
  readonly isOperator: boolean;
  /** Whether its messages may reach the sandbox only. */
  readonly isTest: boolean;
  /** The trace context of the sender's work (W3C). */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}
