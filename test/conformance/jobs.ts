import { afterEach, describe, expect, it } from "vitest";
import type { Jobs, OnJobError } from "../../stores/jobs/jobs.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";

export interface JobsFactory {
  readonly name: string;
  open(cluster: string, onError: OnJobError): Jobs;
  /** Whether several processes can share the jobs. */
  readonly shared: boolean;
}

const everySecond = "* * * * * *";

/** What every Jobs must do. */
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
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
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
        // a run may come late on a busy machine, and then two within a second: but never more than seconds have begun
        expect(runs).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000) - Math.floor(beginMs / 1_000));
      });
    }
  });
};
