import type { MessagePort } from "node:worker_threads";
import { CarillonError } from "../../schemas/errors.js";
import { errorFromPlain, type PlainError, plainErrorOf } from "./plain-error.js";

/** A thread's functions that another can call by name, with cloneable arguments. */
export type ThreadHandlers = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Calls functions of another thread. */
export interface ThreadCalls {
  /** Resolves with the other thread's answer. Rejects as it does, or CLOSED if it has ended. */
  ask(name: string, ...args: readonly unknown[]): Promise<unknown>;
  /** The same without an answer. */
  tell(name: string, ...args: readonly unknown[]): void;
  /** Rejects unanswered calls, because the other thread has ended. */
  end(error?: CarillonError): void;
}

type Message =
  | { readonly kind: "ask"; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: "tell"; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: "answer"; readonly id: number; readonly value?: unknown; readonly error?: PlainError };

/** A worker from its parent's side, or the parent's port. */
type Port = Pick<MessagePort, "postMessage"> & { on(event: "message", heard: (message: Message) => void): unknown };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const ended = (): CarillonError => new CarillonError("CLOSED", "the other thread has ended");

/** Lets two threads call each other's handlers. A thread's messages are handled in order. */
export const createThreadCalls = (port: Port, handlers: ThreadHandlers): ThreadCalls => {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let over: CarillonError | undefined;
  const run = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    const handler = handlers[name] as ((...args: readonly unknown[]) => unknown) | undefined;
    if (!handler) throw new CarillonError("NOT_FOUND", `no thread handles ${name}`);
    return handler(...args);
  };
  const answer = async (id: number, name: string, args: readonly unknown[]): Promise<void> => {
    const settled = await run(name, args).then(
      (value): Message => ({ kind: "answer", id, value }),
      (error: unknown): Message => ({ kind: "answer", id, error: plainErrorOf(error) }),
    );
    port.postMessage(settled);
  };
  port.on("message", (message) => {
    if (message.kind === "tell") void run(message.name, message.args);
    else if (message.kind === "ask") void answer(message.id, message.name, message.args);
    else {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) asked?.reject(errorFromPlain(message.error));
      else asked?.resolve(message.value);
    }
  });
  return {
    ask: (name, ...args) =>
      new Promise((resolve, reject) => {
        if (over) {
          reject(over);
          return;
        }
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        port.postMessage({ kind: "ask", id: lastId, name, args } satisfies Message);
      }),
    tell: (name, ...args) => {
      if (!over) port.postMessage({ kind: "tell", name, args } satisfies Message);
    },
    end: (error = ended()) => {
      over = error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
};
