import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Jobs, OnJobError, ScheduledJob } from "../../stores/jobs/jobs.js";
import { aborted } from "../support/aborted.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";

export interface JobsFactory {
  readonly name: string;
  open(cluster: string, onError: OnJobError): Jobs;
  /** Whether several processes can share the jobs. */
  readonly shared: boolean;
}

const everySecond = "* * * * * *";

/** Conformance suite of Jobs. */
export const describeJobs = (factory: JobsFactory): void => {
  describe(`Jobs on ${factory.name}`, () => {
    const opened: Jobs[] = [];
    const open = (cluster: string, onError: OnJobError = () => undefined): Jobs => {
      const jobs = factory.open(cluster, onError);
      opened.push(jobs);
      return jobs;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((jobs) => jobs.close()));
    });

    it("runs a job by its pattern, again and again", async () => {
      const runs: number[] = [];
      await open(uniqueName("jobs")).start([{ name: "tick", pattern: everySecond, run: async () => void runs.push(Date.now()) }]);
      await eventually(
        () => runs.length,
        (count) => count >= 3,
        10_000,
      );
      expect((runs[2] ?? 0) - (runs[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
    });

    it("tells a failed run, and goes on with the next", async () => {
      const errors: string[] = [];
      let runs = 0;
      const fail = async (): Promise<void> => {
        runs += 1;
        if (runs === 1) throw new Error("not this time");
      };
      await open(uniqueName("jobs"), (name, error) => errors.push(`${name}: ${(error as Error).message}`)).start([
        { name: "tick", pattern: everySecond, run: fail },
      ]);
      await eventually(
        () => runs,
        (count) => count >= 2,
        10_000,
      );
      expect(errors).toEqual(["tick: not this time"]);
    });

    it("lets a run in hand end before it closes, and tells it to", async () => {
      let ended = false;
      let started = false;
      const jobs = open(uniqueName("jobs"));
      await jobs.start([
        {
          name: "long",
          pattern: everySecond,
          run: async (signal) => {
            started = true;
            await aborted(signal);
            ended = true;
          },
        },
      ]);
      await eventually(
        () => started,
        (value) => value,
        10_000,
      );
      await jobs.close();
      expect(ended).toBe(true);
    });

    if (factory.shared) {
      it("runs each job once per cluster", async () => {
        const cluster = uniqueName("jobs");
        const beginMs = Date.now();
        let runs = 0;
        const run = async (): Promise<void> => {
          runs += 1;
        };
        const job = { name: "tick", pattern: everySecond, run };
        await Promise.all([1, 2, 3].map(() => open(cluster).start([job])));
        await eventually(
          () => runs,
          (count) => count >= 3,
          15_000,
        );
        // on a busy machine a run may be late and then share a second with the next, but there are never more runs than seconds
        expect(runs).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000) - Math.floor(beginMs / 1_000));
      });

      it("runs a job only where it is known, beside processes that do not know it", async () => {
        const cluster = uniqueName("jobs");
        const ran: string[] = [];
        const job = (name: string, by: string): ScheduledJob => ({
          name,
          pattern: everySecond,
          run: async () => void ran.push(`${name} by ${by}`),
        });
        await open(cluster).start([job("old", "newer"), job("new", "newer")]);
        // older processes join later, as in a rollback
        await Promise.all([1, 2, 3].map(() => open(cluster).start([job("old", "older")])));
        ran.length = 0;
        await eventually(
          () => ran.filter((run) => run === "new by newer").length,
          (count) => count >= 3,
          15_000,
        );
        expect(new Set(ran.filter((run) => run.startsWith("new")))).toEqual(new Set(["new by newer"]));
        expect(ran.some((run) => run.startsWith("old"))).toBe(true);
      });

      it("never has two runs of a job at once, in whatever process", async () => {
        const cluster = uniqueName("jobs");
        let inHand = 0;
        let most = 0;
        let runs = 0;
        const run = async (): Promise<void> => {
          inHand += 1;
          most = Math.max(most, inHand);
          await setTimeout(2_500);
          inHand -= 1;
          runs += 1;
        };
        await Promise.all([1, 2, 3].map(() => open(cluster).start([{ name: "long", pattern: everySecond, run }])));
        await eventually(
          () => runs,
          (count) => count >= 2,
          15_000,
        );
        expect(most).toBe(1);
      });
    }
  });
};
