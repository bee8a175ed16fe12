import { expect } from "vitest";
import { eventually } from "../support/eventually.js";
import { allDelivered, carillon, most, sms, sum, type Trial, until, valuesOf } from "./runbook-trial.js";

/** Trials of the alerts about a worker's own state. */
export const workerTrials: Readonly<Record<string, Trial>> = {
  CarillonDeadLetters: {
    options: {},
    try: async (delivery) => {
      const topic = `${delivery.config.topics.prefix}.requests.high`;
      await delivery.stores.log.append([{ topic, key: "k", value: Buffer.from("no message") }]);
      await until(
        () => sum(delivery, "carillon_dead_letters_total", { code: /^UNDECODABLE$/ }),
        (count) => count === 1,
      );
      expect(await carillon(delivery, "dead-letters", "list")).toContain("UNDECODABLE");
      expect(await carillon(delivery, "dead-letters", "discard", "--code", "UNDECODABLE", "--reason", "a trial")).toContain("1 discarded");
      expect(await carillon(delivery, "dead-letters", "list")).toContain("no dead letters");
    },
  },
  CarillonAuthenticationFailures: {
    options: {},
    try: async (delivery) => {
      process.env.CARILLON_TEST_RUNBOOK_OLD_KEY = "the-old-key-of-the-runbook";
      process.env.CARILLON_TEST_RUNBOOK_NEW_KEY = "the-new-key-of-the-runbook";
      const apiKeys = [{ key: "$" + "{env:CARILLON_TEST_RUNBOOK_NEW_KEY}", tenant: "acme" }];
      await delivery.reconfigure({ http: { port: 0, apiKeys } });
      const ask = async (variable: string): Promise<number> => {
        const headers = { authorization: `Bearer ${process.env[variable]}` };
        return (await fetch(`${delivery.urls[0]}/v1/messages/none`, { headers })).status;
      };
      const statuses = new Set<number>();
      for (let times = 0; times < 160; times += 1) statuses.add(await ask("CARILLON_TEST_RUNBOOK_OLD_KEY"));
      expect([...statuses].sort()).toEqual([401, 429]);
      expect(await sum(delivery, "carillon_authentication_failures_total", { kind: /^key$/ })).toBeGreaterThan(150);
      // a restart, for example of the client that gets its new key, clears the recorded failures
      await delivery.reconfigure({ http: { port: 0, apiKeys } });
      expect(await ask("CARILLON_TEST_RUNBOOK_NEW_KEY")).toBe(404);
      expect(await sum(delivery, "carillon_authentication_failures_total", { kind: /^key$/ })).toBe(0);
    },
  },
  CarillonTimersLate: {
    options: { config: { runtime: { timers: false } } },
    try: async (delivery) => {
      const id = await delivery.send(sms("high", "+14155550102"));
      await eventually(
        () => delivery.view(id),
        ({ attempts }) => attempts === 1,
      );
      await until(
        () => most(delivery, "carillon_timers_overdue_seconds"),
        (seconds) => seconds > 5,
      );
      expect((await delivery.view(id)).attempts).toBe(1);
      await delivery.reconfigure({ runtime: { timers: true } });
      await allDelivered(delivery, [id]);
      const [all, inTime] = [
        await sum(delivery, "carillon_timer_lateness_seconds_count"),
        await sum(delivery, "carillon_timer_lateness_seconds_bucket", { le: /^5$/ }),
      ];
      // that one was late; the records that followed from it were not
      expect(all - inTime).toBe(1);
    },
  },
  CarillonDiskFull: {
    options: {},
    try: async (delivery) => {
      // a reserve larger than any disk is reached at once
      await delivery.reconfigure({ embedded: { reserveBytes: 2 ** 50 } });
      await until(
        () => most(delivery, "carillon_disk_condition"),
        (condition) => condition > 0,
      );
      await expect(delivery.send(sms("high"))).rejects.toThrow(/503/);
      expect((await fetch(`${delivery.urls[0]}/healthz`)).status).toBe(200);
      await delivery.reconfigure({ embedded: { reserveBytes: 1_024 } });
      expect(await most(delivery, "carillon_disk_condition")).toBe(0);
      expect(await carillon(delivery, "doctor")).toMatch(/disk +[\d.]+ MiB free, 0.0 MiB reserved/);
      await allDelivered(delivery, [await delivery.send(sms("high"))]);
    },
  },
  CarillonDown: {
    options: {},
    try: async (delivery) => {
      const mistaken = { channels: { sms: { provider: ["sandbox"] } }, lanes: { high: { partitions: 0 } } };
      await expect(delivery.reconfigure(mistaken)).rejects.toThrow(
        /channels\.sms\.provider: unknown key[\s\S]*lanes\.high\.partitions|lanes\.high\.partitions[\s\S]*channels\.sms\.provider/,
      );
      await delivery.reconfigure({});
      await until(
        async () => (await valuesOf(delivery, "carillon_lag_records")).length,
        (samples) => samples > 0,
      );
      await allDelivered(delivery, [await delivery.send(sms("high"))]);
    },
  },
};
