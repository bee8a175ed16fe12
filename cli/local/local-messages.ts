import { noLimits } from "../../access/limits/tenant-limits.js";
import { loadTenants } from "../../access/load-tenants.js";
import { localTenant } from "../../config/keys.js";
import { viewOf } from "../../operations/message-view.js";
import { createReports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { CarillonError, type ErrorCode } from "../../schemas/errors.js";
import { createOutbox } from "../../sinks/outbox.js";
import { createAccepter } from "../../sources/accepter.js";
import type { DefaultsOf } from "../../sources/sending/choose-addresses.js";
import type { SendersOf } from "../../sources/sending/message-rules.js";
import { invalid, type RefusalCause, type Refused } from "../../sources/sending/refused.js";
import { type Accepted, createSending, type Taken } from "../../sources/sending/sending.js";
import { systemClock } from "../../stores/clock.js";
import type { Messages } from "../deployment/deployment.js";
import { unsendable } from "../unsendable.js";
import type { LocalStores } from "./opened.js";

const codeOf = (cause: RefusalCause): ErrorCode => {
  if (cause === "conflict") return "IDEMPOTENCY_CONFLICT";
  if (cause === "unknown") return "NOT_FOUND";
  return cause === "in_flight" ? "BUSY" : "INPUT_INVALID";
};

const errorOf = ({ cause, errors }: Refused): CarillonError => {
  if (cause === "invalid" || cause === "unreachable") return unsendable(errors);
  const [{ field, problem, fix }] = errors;
  return new CarillonError(codeOf(cause), problem, { field, fix });
};

const sentOf = ({ id, messages, warnings }: Accepted) => ({ id, ...(messages ? { messages } : {}), warnings });

export const localMessages = (local: LocalStores): Messages => {
  const { config } = local;
  const take = async (inputs: readonly unknown[], given: string | undefined): Promise<readonly Taken[]> => {
    const { stores, assembly } = await local.prepared();
    const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
    const tenants = await loadTenants(stores.tenants, new Map(), { onStep: () => undefined, onDamaged: () => undefined });
    const sendersOf: SendersOf = (tenant) => tenants.get(tenant)?.settings.senders ?? {};
    const defaultsOf: DefaultsOf = (tenant) => tenants.get(tenant)?.settings ?? {};
    const sending = createSending({ config, accepter, stores, limits: noLimits, sendersOf, defaultsOf, clock: systemClock });
    return sending.take(inputs, { tenant: given ?? localTenant, isOperator: true, isTest: false });
  };
  return {
    send: async (input, given) => {
      const [taken = invalid([])] = await take([input], given);
      if ("cause" in taken) throw errorOf(taken);
      return sentOf(taken);
    },
    sendBatch: async (inputs, given) => (await take(inputs, given)).map((one) => ("cause" in one ? { errors: one.errors } : sentOf(one))),
    find: async (id) => {
      const document = await (await local.stores()).lineage.find(id);
      return document && viewOf(document);
    },
    latestOf: async (wanted, limit) => {
      const { lineage } = await local.stores();
      const reports = createReports(config, lineage, systemClock);
      const { messages } = await reports.search(searchParameters.parse({ q: wanted, limit }), undefined);
      const documents = await Promise.all(messages.map(({ _id }) => lineage.find(_id)));
      return documents.flatMap((found) => (found ? [viewOf(found)] : []));
    },
    outbox: (channel, limit) => createOutbox(config.dataDir).latest(channel, limit),
  };
};
