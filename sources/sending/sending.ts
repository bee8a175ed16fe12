import type { Finding } from "../../channels/finding.js";
import type { AddressedMessage } from "../../client/complete-message.js";
import { isToUser } from "../../client/user-message-input.js";
import type { Config } from "../../config/schema.js";
import type { MessageRequested } from "../../schemas/generated.js";
import type { OwnCatalog } from "../../sinks/own/own-catalog.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import type { Directory } from "../../stores/directory/directory.js";
import type { Accepter } from "../accepter.js";
import type { FallbackPlan } from "../fallback-plan.js";
import { createIdempotency } from "../idempotency.js";
import { createChooseAddresses, type DefaultsOf } from "./choose-addresses.js";
import { type AcceptedMessage, createKeptAnswers, type UserAnswer } from "./kept-answers.js";
import { createMessageRules, type Permitted, type SendersOf } from "./message-rules.js";
import { messagesOf } from "./place-steps.js";
import { conflict, invalid, type Refused } from "./refused.js";
import type { Sender } from "./sender.js";
import { readUserMessage, type UserMessage } from "./user-message.js";
import { createUserSending, type Prepared } from "./user-sending.js";
import { type MessageLimits, withinLimits } from "./within-limits.js";

export interface Accepted {
  /** The id of the message, or of the first message to a user. */
  readonly id: string;
  /** The messages to a user. Absent for a message to an address. */
  readonly messages?: readonly AcceptedMessage[];
  /** The requests that were appended. None if the answer was kept from an earlier request. */
  readonly requests: readonly MessageRequested[];
  readonly warnings: readonly Finding[];
}

/** The result of one input. */
export type Taken = Accepted | Refused;

export interface Sending {
  /**
   * Resolves with the result of each input, in order, once all accepted messages are durable. A refused one does not affect the others. At
   * most 1,000 inputs.
   */
  take(inputs: readonly unknown[], sender: Sender): Promise<readonly Taken[]>;
}

export interface SendingDependencies {
  readonly config: Config;
  readonly ownCatalog?: Pick<OwnCatalog, "routeOf"> | undefined;
  readonly accepter: Accepter;
  readonly stores: { readonly claims: Claims; readonly directory: Pick<Directory, "get"> };
  readonly limits: MessageLimits;
  readonly sendersOf: SendersOf;
  readonly defaultsOf: DefaultsOf;
  readonly clock: Pick<Clock, "now">;
}

/** The messages of one input, to append. */
interface Fit {
  readonly tenant: string;
  readonly messages: readonly AddressedMessage[];
  readonly plan: FallbackPlan | null;
  acceptedAs(requests: readonly MessageRequested[]): Promise<Accepted> | Accepted;
}

const isRefused = (one: object): one is Refused => "cause" in one;

const toAddress = ({ message, tenant, warnings }: Permitted): Fit => ({
  tenant,
  messages: [message],
  plan: null,
  acceptedAs: (requests) => ({ id: requests[0]?.id ?? "", requests, warnings }),
});

const acceptedOf = ({ messages, warnings }: UserAnswer, requests: readonly MessageRequested[]): Accepted => ({
  id: messages[0]?.id ?? "",
  messages,
  requests,
  warnings,
});

const toUser = ({ tenant, messages, plan, warnings, finish }: Prepared): Fit => ({
  tenant,
  messages,
  plan,
  acceptedAs: async (requests) => {
    const all = messagesOf({ messages, plan });
    const answer = {
      messages: all.map(({ id, channel, fallback }) => ({ id, channel, ...(fallback ? { step: fallback.step } : {}) })),
      warnings,
    };
    await finish(answer);
    return acceptedOf(answer, requests);
  },
});

/** The positions of the inputs to append, by tenant. */
const byTenant = (all: readonly (Fit | Taken)[]): ReadonlyMap<string, readonly number[]> => {
  const groups = new Map<string, number[]>();
  for (const [index, one] of all.entries()) {
    if (!("acceptedAs" in one)) continue;
    const own = groups.get(one.tenant);
    if (own) own.push(index);
    else groups.set(one.tenant, [index]);
  }
  return groups;
};

/** Accepts messages: the only way into Carillon for HTTP, alone or in a batch, and for the command line. */
export const createSending = (dependencies: SendingDependencies): Sending => {
  const { config, ownCatalog, accepter, stores, limits, sendersOf, defaultsOf, clock } = dependencies;
  const rules = createMessageRules(config, clock, sendersOf, ownCatalog);
  const idempotency = createIdempotency(stores.claims, config, clock);
  const answers = createKeptAnswers(stores.claims, config, clock);
  const choose = createChooseAddresses(config, rules, defaultsOf);
  const users = createUserSending({ directory: stores.directory, answers, choose, clock });

  /** Messages to addresses, unless their keys have other content. */
  const addressed = async (checked: readonly (Permitted | undefined)[]): Promise<readonly (Fit | Refused | undefined)[]> => {
    const conflicts = await Promise.all(checked.map((one) => one && idempotency.conflicts([one.message], one.tenant)));
    return checked.map((one, index) => one && (conflicts[index]?.[0] ? conflict : toAddress(one)));
  };
  /** Messages to users. */
  const chosen = async (read: readonly (UserMessage | undefined)[], sender: Sender): Promise<readonly (Fit | Taken | undefined)[]> => {
    const given = read.flatMap((one) => one ?? []);
    const prepared = (given.length === 0 ? [] : await users.prepare(given, sender)).values();
    return read.map((one): Fit | Taken | undefined => {
      const result = one && prepared.next().value;
      if (!result) return undefined;
      if (isRefused(result)) return result;
      return "finish" in result ? toUser(result) : acceptedOf(result, []);
    });
  };
  const append = async (results: (Fit | Taken)[], tenant: string, places: readonly number[], sender: Sender): Promise<void> => {
    const fit = places.flatMap((index) => {
      const one = results[index];
      return one && "acceptedAs" in one ? [{ index, one }] : [];
    });
    // an input counts once, however many addresses its user has
    const { granted, refusal, result } = await withinLimits(limits, tenant, fit.length, async (most) => {
      const messages = fit.slice(0, most).flatMap(({ one }) => one.messages);
      const plans = fit.slice(0, most).flatMap(({ one }) => one.plan ?? []);
      return messages.length === 0 ? [] : accepter.accept(messages, tenant, sender.traceparent, sender.tracestate, plans);
    });
    for (const { index } of fit.slice(granted)) results[index] = refusal ?? invalid([]);
    let from = 0;
    await Promise.all(
      fit.slice(0, granted).map(async ({ index, one }) => {
        const own = result.slice(from, from + one.messages.length);
        from += one.messages.length;
        results[index] = await one.acceptedAs(own);
      }),
    );
  };
  return {
    take: async (inputs, sender) => {
      const checked = inputs.map((input) => (isToUser(input) ? readUserMessage(input, sender) : rules(input, sender)));
      const plain = await addressed(checked.map((one) => ("message" in one ? one : undefined)));
      const toUsers = await chosen(
        checked.map((one) => ("user" in one ? one : undefined)),
        sender,
      );
      const results = checked.map((one, index): Fit | Taken => plain[index] ?? toUsers[index] ?? (isRefused(one) ? one : invalid([])));
      await Promise.all([...byTenant(results)].map(([tenant, places]) => append(results, tenant, places, sender)));
      return results.map((one) => ("acceptedAs" in one ? invalid([]) : one));
    },
  };
};
