import type { Config } from "../config/schema.js";
import { sweepOverdue } from "../sources/overdue-sweep.js";
import type { Clock } from "../stores/clock.js";
import type { ScheduledJob } from "../stores/jobs/jobs.js";
import { outgoingOf } from "../topology/runtime/outgoing.js";
import type { Assembly } from "./assemble.js";
import { namesOf } from "./names.js";
import { policyOf } from "./policy.js";
import { receiptJobs } from "./receipt-sources.js";
import type { Stores } from "./stores.js";

/** The jobs of the delivery topology. */
export const jobsOf = (config: Config, stores: Stores, assembly: Assembly, clock: Clock): readonly ScheduledJob[] => {
  const { topicOf } = namesOf(config);
  const { families, codecs } = assembly;
  return [
    ...receiptJobs(config, stores, assembly, clock),
    {
      name: "close-overdue",
      pattern: config.jobs.overduePattern,
      run: async (signal) => {
        await sweepOverdue(
          {
            lineage: stores.lineage,
            claims: stores.claims,
            log: stores.log,
            clock,
            policy: policyOf(config),
            instance: config.instance,
            encode: {
              lineage: (event) => outgoingOf(families.lineage, event, codecs, topicOf),
              feedback: (feedback) => outgoingOf(families.feedback, feedback, codecs, topicOf),
            },
          },
          signal,
        );
      },
    },
  ];
};
