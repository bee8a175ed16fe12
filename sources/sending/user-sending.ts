import type { Finding } from "../../channels/finding.js";
import { idForAddress, idForRecipient } from "../../client/complete-message.js";
import { idInOrder } from "../../client/id-in-order.js";
import type { Clock } from "../../stores/clock.js";
import type { Directory, User } from "../../stores/directory/directory.js";
import { isStorableId } from "../../stores/id-keys.js";
import type { ChooseAddresses, Chosen } from "./choose-addresses.js";
import type { Choice, KeptAnswers, UserAnswer } from "./kept-answers.js";
import { messagesOf, type PlacedSteps, placeSteps } from "./place-steps.js";
import { type Refused, unknownUser } from "./refused.js";
import type { Sender } from "./sender.js";
import type { UserMessage } from "./user-message.js";

/** The messages to append for a message to a user. */
export interface Prepared extends PlacedSteps {
  readonly tenant: string;
  readonly warnings: readonly Finding[];
  /** Keeps the answer. Call once the messages are durable. */
  finish(answer: UserAnswer): Promise<void>;
}

export interface UserSending {
  /** Results are in the order given: an answer if the same request was answered before. */
  prepare(messages: readonly UserMessage[], sender: Sender): Promise<readonly (Prepared | UserAnswer | Refused)[]>;
}

export interface UserSendingDependencies {
  readonly directory: Pick<Directory, "get">;
  readonly answers: KeptAnswers;
  readonly choose: ChooseAddresses;
  readonly clock: Pick<Clock, "now">;
}

const finishNothing = async (): Promise<void> => undefined;

/** Turns messages to users into messages to their addresses. */
export const createUserSending = ({ directory, answers, choose, clock }: UserSendingDependencies): UserSending => {
  const usersOf = async (messages: readonly UserMessage[]): Promise<readonly (User | undefined)[]> => {
    const storable = messages.filter(({ tenant }) => isStorableId("tenant", tenant));
    const found = storable.length === 0 ? [] : await directory.get(storable.map(({ tenant, user: id }) => ({ tenant, id })));
    const users = new Map(storable.map((message, index) => [message, found[index]]));
    return messages.map((message) => users.get(message));
  };
  const unkeyed = (message: UserMessage, user: User | undefined, sender: Sender): Prepared | Refused => {
    const chosen = user ? choose(message, user, sender) : unknownUser;
    if ("cause" in chosen) return chosen;
    const nowMs = clock.now();
    const idOf = (): string => idInOrder(nowMs);
    const placed = placeSteps(message, chosen, { recipientId: idOf(), nowMs, idOf, keeps: () => true });
    return "cause" in placed ? placed : { tenant: message.tenant, ...placed, warnings: chosen.warnings, finish: finishNothing };
  };
  const identified = (message: UserMessage, key: string, chosen: Chosen, keeps: (id: string) => boolean): PlacedSteps | Refused => {
    const { tenant, user } = message;
    return placeSteps(message, chosen, {
      recipientId: idForRecipient(tenant, key, user),
      nowMs: clock.now(),
      idOf: (one) => idForAddress(tenant, key, user, one.channel, one.to),
      keeps,
    });
  };
  /** The messages of a kept choice; undefined if the user has none of its first addresses any more. */
  const kept = (message: UserMessage, key: string, user: User, sender: Sender, { channel, ids }: Choice): PlacedSteps | undefined => {
    const again = choose(message, user, sender, channel);
    const placed = "cause" in again ? again : identified(message, key, again, (id) => ids.includes(id));
    return "cause" in placed || placed.messages.length === 0 ? undefined : placed;
  };
  const keyed = async (
    message: UserMessage,
    key: string,
    user: User | undefined,
    sender: Sender,
    owner: string,
  ): Promise<Prepared | UserAnswer | Refused> => {
    // an answered request is repeated also if the user has no address any more
    const answered = await answers.find(message, key);
    if (answered) return answered;
    if (!user) return unknownUser;
    const chosen = choose(message, user, sender);
    if ("cause" in chosen) return chosen;
    const own = identified(message, key, chosen, () => true);
    if ("cause" in own) return own;
    const opened = await answers.open(message, key, { channel: chosen.channel, ids: messagesOf(own).map(({ id }) => id) }, owner);
    if (!("choice" in opened)) return opened;
    const placed = kept(message, key, user, sender, opened.choice) ?? own;
    return { tenant: message.tenant, ...placed, warnings: chosen.warnings, finish: opened.finish };
  };
  return {
    prepare: async (messages, sender) => {
      const users = await usersOf(messages);
      const owner = idInOrder(clock.now());
      return Promise.all(
        messages.map((message, index) =>
          message.idempotencyKey === undefined
            ? unkeyed(message, users[index], sender)
            : keyed(message, message.idempotencyKey, users[index], sender, owner),
        ),
      );
    },
  };
};
