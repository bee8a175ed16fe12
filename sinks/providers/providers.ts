import type { Provider } from "../../processors/provider.js";
import type { Channel } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";

/** The providers of each channel. */
export type Providers = Readonly<Record<Channel, readonly Provider[]>>;

export const allProviders = (providers: Providers): readonly Provider[] => channels.flatMap((channel) => providers[channel]);
