import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import type { MessageInput } from "../../client/message-input.js";
import type { Config, ConfigInput } from "../../config/schema.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";

const batch = 1_000;
/** Makes a record of about 1 KB. */
const text = "Your order has left our warehouse and will arrive tomorrow. ".repeat(14);

/** A message of about 1 KB with a unique recipient. */
export const messageOf = (index: number, more: Partial<MessageInput> = {}): CheckedMessage => {
  const { message, errors } = checkMessage({
    channel: "push",
    to: `device-${index}`,
    lane: "normal",
    content: { title: "On its way", text },
    ...more,
  } as MessageInput);
  if (!message) throw new Error(JSON.stringify(errors));
  return message;
};

/** Fills the configured log with this number of requests before any consumer starts. */
export const preload = async (
  overrides: ConfigInput,
  count: number,
  progress: (share: number) => void,
  message: (index: number) => CheckedMessage = messageOf,
): Promise<Config> => {
  const config = loadConfig({ environment: {}, overrides });
  const stores = await openStores(config, systemClock, () => undefined);
  try {
    const assembly = await assemble(config, stores, systemClock);
    await stores.log.ensureTopics(assembly.topics);
    const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
    for (let start = 0; start < count; start += batch * 4) {
      const parts = Array.from({ length: 4 }, (_, part) => start + part * batch).filter((from) => from < count);
      await Promise.all(
        parts.map((from) =>
          accepter.accept(
            Array.from({ length: Math.min(batch, count - from) }, (_, index) => message(from + index)),
            "bench",
          ),
        ),
      );
      progress(Math.min(1, start / count));
    }
    return config;
  } finally {
    await stores.close();
  }
};
