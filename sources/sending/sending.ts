import type { Finding } from "../../channels/finding.js";
import type { Config } from "../../config/schema.js";
import type { MessageRequested } from "../../schemas/generated.js";
import type { Clock } from "../../stores/clock.js";
import type { Accepter } from "../accepter.js";
import type { Idempotency } from "../idempotency.js";
import { createMessageRules, type Permitted } from "./message-rules.js";
import { conflict, invalid, type Refused } from "./refused.js";
import type { Sender } from "./sender.js";

/** The result of one input. */
export type Taken = { readonly request: MessageRequested; readonly warnings: readonly Finding[] } | Refused;

export interface Sending {
  /** Resolves with the result of each input, in order, once all accepted messages are durable. A refused one does not affect the others. */
  take(inputs: readonly unknown[], sender: Sender): Promise<readonly Taken[]>;
}

export interface SendingDependencies {
  readonly config: Config;
  readonly accepter: Accepter;
  readonly idempotency: Idempotency;
  readonly clock: Pick<Clock, "now">;
}

interface Fit extends Permitted {
  readonly index: number;
}

const byTenant = (fit: readonly Fit[]): ReadonlyMap<string, readonly Fit[]> => {
  const groups = new Map<string, Fit[]>();
  for (const one of fit) {
    const own = groups.get(one.tenant) ?? [];
    if (own.length === 0) groups.set(one.tenant, own);
    own.push(one);
  }
  return groups;
};

/** Accepts messages: the only way into Carillon for HTTP, alone or in a batch, and for the command line. */
export const createSending = ({ config, accepter, idempotency, clock }: SendingDependencies): Sending => {
  const rules = createMessageRules(config, clock);
  const accept = async (results: (Taken | undefined)[], tenant: string, given: readonly Fit[], sender: Sender): Promise<void> => {
    const conflicts = await idempotency.conflicts(
      given.map(({ message }) => message),
      tenant,
    );
    const fit = given.filter((_, at) => !conflicts[at]);
    for (const [at, { index }] of given.entries()) if (conflicts[at]) results[index] = conflict;
    if (fit.length === 0) return;
    const messages = fit.map(({ message }) => message);
    const requests = await accepter.accept(messages, tenant, sender.traceparent, sender.tracestate);
    for (const [at, { index, warnings }] of fit.entries()) {
      const request = requests[at];
      if (request) results[index] = { request, warnings };
    }
  };
  return {
    take: async (inputs, sender) => {
      const checked = inputs.map((input) => rules(input, sender));
      const results: (Taken | undefined)[] = checked.map((one) => ("cause" in one ? one : undefined));
      const fit = checked.flatMap((one, index) => ("cause" in one ? [] : [{ ...one, index }]));
      await Promise.all([...byTenant(fit)].map(([tenant, own]) => accept(results, tenant, own, sender)));
      return results.map((one) => one ?? invalid([]));
    },
  };
};
