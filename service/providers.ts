import type { Config } from "../config/schema.js";
import type { Provider } from "../processors/provider.js";
import type { Channel } from "../schemas/generated.js";
import { createSandbox, type SandboxDependencies } from "../sinks/providers/sandbox.js";
import { createKaleyra } from "../sinks/providers/sms/kaleyra.js";
import { withDeadline } from "../sinks/providers/with-deadline.js";

export type Providers = Readonly<Record<Channel, Provider>>;

/** Loads only the library that the configured way out needs. */
const create = async (channel: Channel, config: Config, sandbox: SandboxDependencies): Promise<Provider> => {
  const { provider } = config.channels[channel];
  const { smtp, ses, kaleyra } = config.providers;
  switch (provider) {
    case "smtp":
      return (await import("../sinks/providers/email/smtp.js")).createSmtp({ ...smtp, timeoutMs: config.delivery.sendTimeoutMs });
    case "ses":
      return (await import("../sinks/providers/email/ses.js")).createSes({ ...config.aws, ...ses });
    case "sns":
      return (await import("../sinks/providers/push/sns.js")).createSns(config.aws);
    case "kaleyra":
      return createKaleyra({ ...kaleyra, sid: kaleyra.sid ?? "", apiKey: kaleyra.apiKey ?? "" });
    case "sandbox":
      return createSandbox(channel, config.providers.sandbox, sandbox);
  }
};

/** The configured way out of each channel, every call with a deadline. */
export const createProviders = async (config: Config, sandbox: SandboxDependencies): Promise<Providers> => {
  const provider = async (channel: Channel): Promise<Provider> =>
    withDeadline(await create(channel, config, sandbox), config.delivery.sendTimeoutMs, sandbox.clock);
  const [email, sms, push] = await Promise.all([provider("email"), provider("sms"), provider("push")]);
  return { email, sms, push };
};
