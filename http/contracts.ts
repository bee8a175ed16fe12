import type { RouteContract } from "./contract/route-contract.js";
import * as callbacks from "./routes/contracts/callback-contracts.js";
import * as consoles from "./routes/contracts/console-contracts.js";
import * as deadLetters from "./routes/contracts/dead-letter-contracts.js";
import { endpointChannels, registerDevice } from "./routes/contracts/endpoint-contracts.js";
import * as groups from "./routes/contracts/group-contracts.js";
import * as messages from "./routes/contracts/message-contracts.js";
import * as oidc from "./routes/contracts/oidc-contracts.js";
import * as operations from "./routes/contracts/operation-contracts.js";
import * as ownProviders from "./routes/contracts/own-provider-contracts.js";
import * as ownWebhooks from "./routes/contracts/own-webhook-contracts.js";
import * as reports from "./routes/contracts/report-contracts.js";
import * as tenants from "./routes/contracts/tenant-contracts.js";
import * as tokenKeys from "./routes/contracts/token-key-contracts.js";
import * as users from "./routes/contracts/user-contracts.js";

/** The contract of every route of delivery. */
export const deliveryContracts: readonly RouteContract[] = [
  ...Object.values(messages),
  ...endpointChannels.map(registerDevice),
  ...Object.values(reports),
  ...Object.values(operations),
  ...Object.values(tenants),
  ...Object.values(ownProviders),
  ...Object.values(ownWebhooks),
  ...Object.values(tokenKeys),
  ...Object.values(users),
  ...Object.values(groups),
  ...Object.values(deadLetters),
  ...Object.values(callbacks),
  ...Object.values(consoles),
  ...Object.values(oidc),
];
