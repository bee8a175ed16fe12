import type { Provider } from "../../processors/provider.js";
import type { Channel } from "../../schemas/generated.js";

/** The ways out of each channel. */
export type Providers = Readonly<Record<Channel, readonly Provider[]>>;

export const allProviders = ({ email, sms, push }: Providers): readonly Provider[] => [...email, ...sms, ...push];
