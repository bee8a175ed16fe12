/** The groups of operations. */
export const tags = {
  messages: "Send messages, and look them up by id",
  devices: "Register devices of push messages",
  sandbox: "Read the messages that the sandbox delivered",
  reports: "Query and export messages and counts",
  users: "The users of a tenant and their addresses",
  groups: "Named sets of users, and their members",
  tenants: "Tenants, their keys, and the log of administrative changes",
  operations: "Queues, providers, webhooks and stored data, for operators",
  deadLetters: "List, redrive and discard records that no stage could process",
  callbacks: "Receipts from providers",
  monitoring: "Liveness, readiness and metrics",
  console: "The console's page, session and live view",
  documentation: "The API's own description",
} as const;

export type Tag = keyof typeof tags;
