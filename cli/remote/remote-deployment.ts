import type { Deployment } from "../deployment/deployment.js";
import type { Address } from "./address.js";
import { connect } from "./connection.js";
import { remoteDirectory } from "./remote-directory.js";
import { remoteLetters } from "./remote-letters.js";
import { remoteMessages } from "./remote-messages.js";
import { remoteProviders, remoteQueues, remoteWebhooks } from "./remote-operations.js";
import { remoteAnalysis, remotePrivacy } from "./remote-records.js";
import { remoteTenants } from "./remote-tenants.js";

/** Commands on a server over HTTP. */
export const createRemoteDeployment = (address: Address): Deployment => {
  const connection = connect(address);
  return {
    messages: remoteMessages(connection),
    queues: remoteQueues(connection),
    letters: remoteLetters(connection),
    providers: remoteProviders(connection),
    webhooks: remoteWebhooks(connection),
    tenants: remoteTenants(connection),
    directory: remoteDirectory(connection),
    analysis: remoteAnalysis(connection),
    privacy: remotePrivacy(connection),
    lookEveryMs: 500,
    unservedAt: () => undefined,
    close: async () => undefined,
  };
};
