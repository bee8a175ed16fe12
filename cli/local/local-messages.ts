import { localTenant } from "../../config/keys.js";
import { viewOf } from "../../operations/message-view.js";
import { createReports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { CarillonError } from "../../schemas/errors.js";
import { createOutbox } from "../../sinks/outbox.js";
import { createAccepter } from "../../sources/accepter.js";
import { createIdempotency } from "../../sources/idempotency.js";
import { invalid, type Refused } from "../../sources/sending/refused.js";
import { createSending, type Taken } from "../../sources/sending/sending.js";
import { systemClock } from "../../stores/clock.js";
import type { Messages } from "../deployment/deployment.js";
import { unsendable } from "../unsendable.js";
import type { LocalStores } from "./opened.js";

const errorOf = ({ cause, errors }: Refused): CarillonError => {
  if (cause === "invalid") return unsendable(errors);
  const [{ field, problem, fix }] = errors;
  return new CarillonError(cause === "conflict" ? "IDEMPOTENCY_CONFLICT" : "INPUT_INVALID", problem, { field, fix });
};

export const localMessages = (local: LocalStores): Messages => {
  const { config } = local;
  const take = async (inputs: readonly unknown[], given: string | undefined): Promise<readonly Taken[]> => {
    const { stores, assembly } = await local.prepared();
    const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
    const idempotency = createIdempotency(stores.claims, config, systemClock);
    const sending = createSending({ config, accepter, idempotency, clock: systemClock });
    return sending.take(inputs, { tenant: given ?? localTenant, isOperator: true, isTest: false });
  };
  return {
    send: async (input, given) => {
      const [taken = invalid([])] = await take([input], given);
      if ("cause" in taken) throw errorOf(taken);
      return { id: taken.request.id, warnings: taken.warnings };
    },
    sendBatch: async (inputs, given) =>
      (await take(inputs, given)).map((one) => ("cause" in one ? { errors: one.errors } : { id: one.request.id, warnings: one.warnings })),
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
