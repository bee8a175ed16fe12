import { channels, lanes } from "../schemas/vocabulary.js";
import { deliveryQueues, noQueue } from "./queues.js";

/** A kind of process that a deployment runs: together the roles of a set consume every queue. */
export interface Role {
  readonly name: string;
  /** Patterns of `runtime.only`. */
  readonly run: readonly string[];
  /** What it does besides consuming. */
  readonly does: string;
}

const api: Role = { name: "api", run: [noQueue], does: "messages over HTTP, callbacks, the console" };
const respond: Role = {
  name: "respond",
  run: ["respond/*"],
  does: "receipts; timers and providers' own queues where `runtime` has them on",
};
const notify: Role = { name: "notify", run: ["announce/*", "webhook/*"], does: "feedback to the tenants' webhooks" };
const record: Role = { name: "record", run: ["record/*"], does: "lineage and rollups; jobs" };

/** Few processes, with one-time passwords in processes of their own. */
export const smallRoles: readonly Role[] = [
  { name: "critical", run: ["intake/requests.critical", "dispatch/*.critical"], does: "the critical lane alone" },
  {
    name: "others",
    run: lanes.filter((lane) => lane !== "critical").flatMap((lane) => [`intake/requests.${lane}`, `dispatch/*.${lane}`]),
    does: "all other lanes",
  },
  { name: "back", run: [...respond.run, ...notify.run, ...record.run], does: "receipts, webhooks, lineage, timers, jobs" },
];

/** A process for each sub-topology and lane, as the Helm chart runs them. */
export const largeRoles: readonly Role[] = [
  api,
  ...lanes.map((lane) => ({ name: `intake-${lane}`, run: [`intake/requests.${lane}`], does: `checks ${lane} messages` })),
  ...lanes.map((lane) => ({
    name: `dispatch-${lane}`,
    run: channels.map((channel) => `dispatch/dispatch.${channel}.${lane}`),
    does: `sends ${lane} messages`,
  })),
  respond,
  notify,
  record,
];

/** Queues of webhooks exist where a tenant has one. */
export const queuesOf = (hasWebhooks: boolean): readonly string[] =>
  deliveryQueues.filter((queue) => hasWebhooks || !/^(announce|webhook)\//.test(queue));
