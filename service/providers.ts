import type { Config } from "../config/schema.js";
import type { Provider } from "../processors/provider.js";
import type { Channel } from "../schemas/generated.js";
import { createSes } from "../sinks/providers/email/ses.js";
import { createSmtp } from "../sinks/providers/email/smtp.js";
import { createSns } from "../sinks/providers/push/sns.js";
import { createSandbox, type SandboxDependencies } from "../sinks/providers/sandbox.js";
import { createKaleyra } from "../sinks/providers/sms/kaleyra.js";
import { withDeadline } from "../sinks/providers/with-deadline.js";

export type Providers = Readonly<Record<Channel, Provider>>;

const create = (channel: Channel, config: Config, sandbox: SandboxDependencies): Provider => {
  const { provider } = config.channels[channel];
  const { smtp, ses, kaleyra } = config.providers;
  const timeoutMs = config.delivery.sendTimeoutMs;
  switch (provider) {
    case "smtp":
      return createSmtp({ ...smtp, timeoutMs });
    case "ses":
      return createSes({ ...config.aws, ...ses });
    case "sns":
      return createSns(config.aws);
    case "kaleyra":
      return createKaleyra({ ...kaleyra, sid: kaleyra.sid ?? "", apiKey: kaleyra.apiKey ?? "" });
    case "sandbox":
      return createSandbox(channel, config.providers.sandbox, sandbox);
  }
};

/** The configured way out of each channel, every call with a deadline. */
export const createProviders = (config: Config, sandbox: SandboxDependencies): Providers => {
  const provider = (channel: Channel): Provider => withDeadline(create(channel, config, sandbox), config.delivery.sendTimeoutMs);
  return { email: provider("email"), sms: provider("sms"), push: provider("push") };
};
