import { describe, expect, it } from "vitest";
import { Endpoint, enableWebhook, failedState, readWebhookState, type WebhookState } from "../../../sinks/webhooks/endpoint.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const [hourMs, dayMs] = [3_600_000, 86_400_000];
const policy = { inFlight: 10, disableAfterMs: 5 * dayMs, maxRetryAfterMs: hourMs, retryDelaysMs: [5_000, dayMs], jitter: 0.2 };

/** The state after failed calls at these times, in hours. */
const stateAfter = (hours: readonly number[], more: Partial<typeof policy> = {}): WebhookState | undefined => {
  let state: WebhookState | undefined;
  for (const hour of hours) {
    if (state?.disabledAt !== undefined) return state;
    state = failedState(state, { nowMs: hour * hourMs, lastFailure: "no", gone: false }, { ...policy, ...more });
  }
  return state;
};
const every = (stepHours: number, untilHours: number): number[] =>
  Array.from({ length: untilHours / stepHours + 1 }, (_, index) => index * stepHours);

describe("an endpoint that fails", () => {
  it.each<[string, readonly number[], number | undefined]>([
    ["twice, five days apart", [0, 120], undefined],
    ["twice a week, for months", every(84, 8_400), undefined],
    ["in two bursts with five days of no calls in between", [...every(1, 10), ...every(1, 10).map((hour) => hour + 125)], undefined],
    ["a few times over five days", [0, 24, 48, 72, 96, 120], undefined],
    ["each hour for five days", every(1, 200), 120],
    ["each 12 hours for five days", every(12, 200), 120],
    ["by the tries of its events, at the longest delay between them", every(28, 1_000), 252],
  ])("%s", (_, hours, disabledAtHour) => {
    expect(stateAfter(hours)?.disabledAt).toBe(disabledAtHour === undefined ? undefined : disabledAtHour * hourMs);
  });

  it("counts longer pauses as failing where the delays between tries are longer", () => {
    expect(stateAfter(every(72, 1_000))?.disabledAt).toBeUndefined();
    expect(stateAfter(every(72, 1_000), { retryDelaysMs: [3 * dayMs] })?.disabledAt).toBe(648 * hourMs);
  });

  it("is disabled at once when it is gone", () => {
    expect(failedState(undefined, { nowMs: 7, lastFailure: "410", gone: true }, policy)).toMatchObject({ disabledAt: 7, failures: 1 });
  });

  it("continues from the state of an earlier version", () => {
    const state = failedState({ failingSince: 0, lastFailure: "no" }, { nowMs: hourMs, lastFailure: "no", gone: false }, policy);
    expect(state).toMatchObject({ failingSince: 0, failures: 2, lastFailureAt: hourMs });
  });

  it("is judged by the failures and successes of all processes", async () => {
    const clock = createVirtualClock();
    const cells = createMemoryCells(clock);
    const [one, other] = [0, 1].map(() => new Endpoint("acme", policy, cells, clock)) as [Endpoint, Endpoint];
    await one.failed("no", false);
    await other.failed("no", false);
    expect(await readWebhookState(cells, "acme")).toMatchObject({ failures: 2 });
    // the other one has a success, which the first one has not seen yet
    await other.succeeded();
    await clock.advance(1_000);
    await one.failed("no", false);
    expect(await readWebhookState(cells, "acme")).toMatchObject({ failures: 1, failingSince: clock.now() });
    await enableWebhook(cells, "acme");
    expect(await readWebhookState(cells, "acme")).toBeUndefined();
  });
});
