import type { Config } from "../../config/schema.js";
import { holderOf } from "../../stores/folder-lock.js";
import type { Deployment } from "../deployment/deployment.js";
import { localDirectory } from "./local-directory.js";
import { localLetters } from "./local-letters.js";
import { localMessages } from "./local-messages.js";
import { localProviders, localQueues, localWebhooks } from "./local-operations.js";
import { localAnalysis, localPrivacy } from "./local-records.js";
import { localTenants } from "./local-tenants.js";
import { openLocally } from "./opened.js";

/** Commands on the stores themselves. */
export const createLocalDeployment = (config: Config): Deployment => {
  const local = openLocally(config);
  return {
    messages: localMessages(local),
    queues: localQueues(local),
    letters: localLetters(local),
    providers: localProviders(local),
    webhooks: localWebhooks(local),
    tenants: localTenants(local),
    directory: localDirectory(local),
    analysis: localAnalysis(local),
    privacy: localPrivacy(local),
    lookEveryMs: 100,
    // for a cluster this cannot be determined locally
    unservedAt: () => (config.profile === "embedded" && holderOf(config.dataDir) === undefined ? config.dataDir : undefined),
    close: local.close,
  };
};
