import { idFromKey } from "../client/complete-message.js";
import type { RecordInfo, Stage } from "../engine/stage.js";
import { CarillonError } from "../schemas/errors.js";
import type { MessageRequested } from "../schemas/generated.js";

/** The stage emits nothing: it passes the request on. */
export type IngressPorts = Readonly<Record<never, never>>;

const refused = (field: string, problem: string, fix: string): CarillonError => new CarillonError("FORBIDDEN", problem, { field, fix });

/** An origin in another topic could replace the timers of that topic's records. */
const refuseForeignOrigin = ({ topic, origin }: RecordInfo): void => {
  if (origin.startsWith(`${topic}/`)) return;
  throw refused("carillon-origin", `the header names a record of another topic than ${topic}`, "leave the header out");
};

/**
 * The request as its topic's tenant may make it. Its id is a function of the tenant, so that no tenant can use the id of another tenant's
 * message. Throws FORBIDDEN for a request with another tenant or id.
 */
const ownRequest = (request: MessageRequested, tenant: string, record: RecordInfo): MessageRequested => {
  refuseForeignOrigin(record);
  if (request.tenant !== "" && request.tenant !== tenant) {
    throw refused("tenant", `the topic ${record.topic} belongs to the tenant ${tenant}`, "leave the tenant empty");
  }
  const id = idFromKey(tenant, request.idempotencyKey ? request.idempotencyKey : `record ${record.origin}`);
  if (request.id !== "" && request.id !== id) {
    throw refused("id", "is not derived from the tenant and the idempotency key", "leave the id empty");
  }
  // only Carillon itself makes plans of steps
  return { ...request, tenant, id, fallback: null };
};

/** Takes the tenant of a request from its topic, which only that tenant can write. `tenantOf`: the tenant of a topic. */
export const createIngress = (
  tenantOf: (topic: string) => string | undefined,
): Stage<MessageRequested, MessageRequested, IngressPorts> => ({
  name: "ingress",
  ports: [],
  process: (request, { record }) => {
    const tenant = tenantOf(record.topic);
    if (tenant === undefined) throw new CarillonError("TOPOLOGY_INVALID", `no tenant has the topic ${record.topic}`);
    return ownRequest(request, tenant, record);
  },
});
