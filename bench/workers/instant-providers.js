/**
 * Providers that deliver immediately or after a fixed time. Plain JavaScript, because threads load this module. Its URL contains the
 * options: `?options=` JSON of `answersAfterMs`, `acceptsAs` and `hangsFor`, as in `CarillonWorker`.
 */
const options = JSON.parse(new URL(import.meta.url).searchParams.get("options") ?? "{}");
const { answersAfterMs = {}, acceptsAs, hangsFor } = options;

let sent = 0;

/** Number of messages sent by this thread. */
export const sentCount = () => sent;

const instant = (channel) => ({
  name: "instant",
  channel,
  send: async ({ messageId, to }, { signal }) => {
    sent += 1;
    const waitMs = answersAfterMs[channel] ?? 0;
    if (answersAfterMs[channel] === null || (hangsFor && to.startsWith(hangsFor)))
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    else if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    return { kind: "delivered", providerMessageId: messageId };
  },
  healthCheck: async () => "instant",
  close: async () => undefined,
});

const accepting = (name) => ({
  ...instant("sms"),
  name,
  send: async ({ messageId }) => ({ kind: "accepted", providerMessageId: messageId }),
});

export const threadOptions = () => ({
  providers: (configured) =>
    Object.fromEntries(
      Object.keys(configured).map((channel) => [channel, [channel === "sms" && acceptsAs ? accepting(acceptsAs) : instant(channel)]]),
    ),
});
