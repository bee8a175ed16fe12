import type { Config } from "../config/schema.js";
import { forgetLeftMembers } from "../operations/forget-left-members.js";
import { forgetAudit } from "../operations/tenants/audit-desk.js";
import { conclusionOutlets } from "../processors/outside-record.js";
import { sendDaily } from "../reports/daily.js";
import { createReports } from "../reports/reports.js";
import { createAccepter } from "../sources/accepter.js";
import { sweepOverdue } from "../sources/overdue-sweep.js";
import { receiptJobs } from "../sources/receipt-sources.js";
import type { Clock } from "../stores/clock.js";
import type { ScheduledJob } from "../stores/jobs/jobs.js";
import type { LineageStore } from "../stores/lineage-store/lineage-store.js";
import type { Stores } from "../stores/stores.js";
import { limitsOf, policyOf } from "../topology/delivery-policy.js";
import type { Assembly } from "./assemble.js";

const dayMs = 86_400_000;

const forgetOld =
  (config: Config, lineage: Pick<LineageStore, "forget">, clock: Pick<Clock, "now">) =>
  async (signal: AbortSignal): Promise<void> => {
    const { keepMessagesDays, keepHourlyDays, keepDailyDays } = config.reports;
    const since = (days: number): Date => new Date(clock.now() - days * dayMs);
    await lineage.forget?.({ messages: since(keepMessagesDays), hourly: since(keepHourlyDays), daily: since(keepDailyDays) }, signal);
  };

const forgetOldAudit =
  (config: Config, stores: Pick<Stores, "audit">, clock: Pick<Clock, "now">) =>
  (signal: AbortSignal): Promise<void> =>
    forgetAudit(stores, new Date(clock.now() - config.reports.keepAuditDays * dayMs), signal);

/** The jobs of the delivery topology. */
export const jobsOf = (config: Config, stores: Stores, assembly: Assembly, clock: Clock): readonly ScheduledJob[] => {
  const { families, writers } = assembly;
  const writer = writers("sweep");
  const { lineage } = stores;
  const reports = createReports(config, stores.reports, clock);
  const accepter = createAccepter(assembly, "daily report", stores.log, clock);
  return [
    ...(lineage.forget ? [{ name: "forget-old", pattern: config.jobs.forgetPattern, run: forgetOld(config, lineage, clock) }] : []),
    ...config.reports.daily.map((daily) => ({
      name: `report-${daily.name}`,
      pattern: daily.pattern,
      run: async () => {
        await sendDaily(daily, reports, accepter, limitsOf(config));
      },
    })),
    ...receiptJobs(config, stores, assembly, clock),
    {
      name: "close-overdue",
      pattern: config.jobs.overduePattern,
      run: async (signal) => {
        await sweepOverdue(
          {
            lineage: stores.lineage,
            claims: stores.claims,
            writer,
            outlets: conclusionOutlets(writer, families),
            clock,
            policy: policyOf(config),
            instance: config.instance,
          },
          signal,
        );
      },
    },
    {
      name: "forget-left-members",
      pattern: config.jobs.forgetPattern,
      run: (signal) => forgetLeftMembers({ config, stores, clock }, signal),
    },
    { name: "forget-audit", pattern: config.jobs.forgetPattern, run: forgetOldAudit(config, stores, clock) },
  ];
};
