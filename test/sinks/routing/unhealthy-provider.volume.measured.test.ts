import { expect, it } from "vitest";
import { runUnhealthyProvider } from "../../../bench/harness/unhealthy-provider.js";

it("one provider answers too late, then fails always, then recovers: the others keep their rate, nothing is lost", async () => {
  const run = await runUnhealthyProvider(
    {
      phases: [
        { name: "well", forMs: 5_000 },
        { name: "slow", forMs: 8_000 },
        { name: "failing", forMs: 5_000 },
        { name: "well again", forMs: 5_000 },
      ],
      perSecond: 40,
      slowMs: 5_000,
      sendTimeoutMs: 1_000,
    },
    () => undefined,
  );
  console.log(JSON.stringify({ ...run, series: undefined }));
  expect(run).toMatchObject({ lost: 0, open: 0, twice: 0 });
  expect(run.othersShare).toBeGreaterThan(0.9);
  expect(run.failedOver).toBeGreaterThan(0);
  expect(run.waited).toBeGreaterThan(0);
  // the second provider accepted the messages that the unhealthy one could not
  expect([...run.series.keys()]).toContain("SMS, with a second: by the second");
}, 150_000);
