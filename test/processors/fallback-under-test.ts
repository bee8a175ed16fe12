import { noLimits } from "../../access/limits/tenant-limits.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { createSending } from "../../sources/sending/sending.js";

type Overrides = Parameters<typeof createDeliveryTestDriver>[0];
type Options = Parameters<typeof createDeliveryTestDriver>[1];

export const shop = { tenant: "shop", isOperator: false, isTest: false } as const;

/** Sends to the user `ann` of the tenant `shop`, on the delivery topology under the test driver. */
export const setUpFallback = async (overrides: Overrides = {}, options: Options = {}) => {
  const driver: DeliveryTestDriver = await createDeliveryTestDriver(overrides, options);
  const { assembly, stores, clock } = driver;
  const accepter = createAccepter(assembly, "HTTP", stores.log, clock);
  const config = loadConfig({ environment: {}, overrides });
  const sending = createSending({ config, accepter, stores, limits: noLimits, sendersOf: () => ({}), defaultsOf: () => ({}), clock });
  return {
    driver,
    config,
    sending,
    /** Stores the user's addresses. */
    put: async (addresses: { readonly email?: string; readonly sms?: string }, tokens: readonly string[] = []): Promise<void> => {
      const { email = null, sms = null } = addresses;
      const ann = { tenant: "shop", id: "ann" };
      await stores.directory.put([{ ...ann, addresses: { email, sms }, locale: null, timeZone: null, attributes: {} }]);
      await stores.directory.register(tokens.map((address) => ({ ...ann, channel: "push", address, app: null })));
    },
    /** Sends the steps and runs until all work waits for the clock. Resolves with the ids of all messages, in the order of the steps. */
    accept: async (fallback: readonly object[], more: object = {}): Promise<readonly string[]> => {
      const content = { title: "Order", subject: "Order", text: "On its way" };
      const [taken] = await sending.take([{ recipient: { user: "ann", fallback }, content, ...more }], shop);
      if (!taken || "cause" in taken) throw new Error(JSON.stringify(taken));
      await driver.advance(0);
      return (taken.messages ?? []).map(({ id }) => id);
    },
    /** The channels on which the sandbox has delivered, in order. */
    channels: (): readonly string[] => driver.delivered.map(({ channel }) => channel),
  };
};

export const minuteMs = 60_000;

/** Push first, then SMS unless the push came that far in ten minutes. */
export const pushThenSms = (unless: string): readonly object[] => [{ channel: "push" }, { channel: "sms", unless, afterMs: 10 * minuteMs }];

/** `setUpFallback` with the user's addresses stored. */
export const startedWith = async (
  addresses: { readonly email?: string; readonly sms?: string },
  tokens: readonly string[],
): ReturnType<typeof setUpFallback> => {
  const setUp = await setUpFallback();
  await setUp.put(addresses, tokens);
  return setUp;
};
