import type { Benchmark } from "../harness/result.js";
import { runUnhealthyProvider } from "../harness/unhealthy-provider.js";

const perSecond = 50;

const summedUp = (points: readonly (readonly [second: number, taken: number])[]): [number, number][] => {
  let sum = 0;
  return points.map(([second, taken]) => {
    sum += taken;
    return [second, sum];
  });
};

export const unhealthyProvider: Benchmark = {
  name: "unhealthy-provider",
  work: "a provider answers after 30 s, then always fails, then recovers",
  servers: [],
  run: async ({ scale, progress }) => {
    const seconds = (count: number): number => Math.max(4_000, count * 1_000 * scale);
    const run = await runUnhealthyProvider(
      {
        phases: [
          { name: "well", forMs: seconds(15) },
          { name: "slow", forMs: seconds(45) },
          { name: "failing", forMs: seconds(30) },
          { name: "well again", forMs: seconds(30) },
        ],
        perSecond,
        slowMs: seconds(30),
        sendTimeoutMs: 5_000,
      },
      progress,
    );
    const { series, othersShare, accepted, lost, open, twice, twiceAmbiguous, failedOver, waited } = run;
    return {
      contestants: [
        { name: "Carillon, one SMS provider unhealthy", measures: { accepted, lost, open, twice, twiceAmbiguous, failedOver, waited } },
      ],
      ratios: [
        { name: "rate of the other channels, while it is unhealthy / before", value: othersShare, aim: 0.95, atLeast: true },
        { name: "messages that no provider took, or that have no final status", value: lost + open, aim: 0, atLeast: false },
        { name: "messages sent twice for another reason than a timeout", value: twice, aim: 0, atLeast: false },
      ],
      lines: {
        xUnit: `seconds; slow from ${seconds(15) / 1_000}, failing from ${seconds(60) / 1_000}, well from ${seconds(90) / 1_000}`,
        yUnit: "messages that providers accepted",
        of: [...series].map(([name, points]) => ({ name, points: summedUp(points), ours: true })),
      },
      notes: [
        `Four streams of ${perSecond} messages per second, one process on the embedded profile: email, push, SMS of a tenant with a second provider, SMS of a tenant without.`,
        "The slow provider accepts the message after the call has timed out (5 s). Carillon then sends the message again, because the lane allows it (onAmbiguous: resend). These messages are sent twice after a timeout.",
        "The breaker opens after 5 consecutive failures for 2 s, later for at most 8 s. After 0.5 s, a call continues detached from its partition. Once five calls have had no answer for 1.5 s, Carillon makes no more until one has been answered.",
      ],
    };
  },
};
