import { checkMessage } from "../../client/check-message.js";
import { localTenant } from "../../config/keys.js";
import { viewOf } from "../../operations/message-view.js";
import { senderRefusal } from "../../processors/sender-policy.js";
import { createReports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { CarillonError } from "../../schemas/errors.js";
import { createOutbox } from "../../sinks/outbox.js";
import { createAccepter } from "../../sources/accepter.js";
import { createIdempotency } from "../../sources/idempotency.js";
import { createBatchIntake } from "../../sources/take-batch.js";
import { systemClock } from "../../stores/clock.js";
import { channelPolicyOf, limitsOf } from "../../topology/delivery-policy.js";
import type { Messages } from "../deployment/deployment.js";
import { unsendable } from "../unsendable.js";
import type { LocalStores } from "./opened.js";

export const localMessages = (local: LocalStores): Messages => {
  const { config } = local;
  const intakeParts = async () => {
    const { stores, assembly } = await local.prepared();
    return {
      accepter: createAccepter(assembly, "command line", stores.log, systemClock),
      idempotency: createIdempotency(stores.claims, config, systemClock),
    };
  };
  return {
    send: async (input, given) => {
      const tenant = given ?? localTenant;
      const { errors, warnings, message } = checkMessage(input, limitsOf(config));
      if (!message) throw unsendable(errors);
      const refusal = senderRefusal(message.channel, channelPolicyOf(config, message.channel), tenant, message.from);
      if (refusal) throw new CarillonError("INPUT_INVALID", refusal.problem, { field: "from", fix: refusal.fix });
      const { accepter, idempotency } = await intakeParts();
      const [conflict] = await idempotency.conflicts([message], tenant);
      if (conflict)
        throw new CarillonError(
          "IDEMPOTENCY_CONFLICT",
          `idempotencyKey ${message.idempotencyKey} was already used with different content`,
          {
            fix: "send the same content, or use another key",
          },
        );
      const [accepted] = await accepter.accept([message], tenant);
      return { id: accepted?.id ?? "", warnings };
    },
    sendBatch: async (inputs, given) => {
      const intake = createBatchIntake({ config, clock: systemClock, ...(await intakeParts()) });
      const taken = await intake.take(inputs, { tenant: given ?? localTenant, isOperator: true, isTest: false });
      return taken.map((one) => ("errors" in one ? { errors: one.errors } : { id: one.request.id, warnings: one.warnings }));
    },
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
