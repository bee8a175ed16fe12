import { describe, expect, it } from "vitest";
import { LagHistory } from "../../../operations/lag/lag-history.js";

const look = (history: LagHistory, at: number, end: number, committed: number) =>
  history.note({ topic: "t", group: "g", partitions: [{ partition: 0, end, committed, lag: end - committed }] }, at);

describe("how long a queue has made no progress", () => {
  it("counts from when records were first queued behind the same commit", () => {
    const history = new LagHistory();
    expect(look(history, 0, 0, 0).stalledMs).toBe(0);
    expect(look(history, 10, 5, 0).stalledMs).toBe(0);
    expect(look(history, 20, 6, 0).stalledMs).toBe(10);
    expect(look(history, 40, 9, 0).stalledMs).toBe(30);
  });

  it("begins again with each commit, and ends where nothing is queued", () => {
    const history = new LagHistory();
    look(history, 0, 5, 0);
    expect(look(history, 10, 5, 0).stalledMs).toBe(10);
    expect(look(history, 20, 8, 3).stalledMs).toBe(0);
    expect(look(history, 50, 8, 3).stalledMs).toBe(30);
    expect(look(history, 60, 8, 8).stalledMs).toBe(0);
    expect(look(history, 90, 9, 8).stalledMs).toBe(0);
    expect(look(history, 95, 9, 8).stalledMs).toBe(5);
  });

  it("is that of the partition that is stuck longest, next to others that go on", () => {
    const history = new LagHistory();
    const both = (at: number, committed: number) =>
      history.note(
        {
          topic: "t",
          group: "g",
          partitions: [
            { partition: 0, end: 100, committed, lag: 100 - committed },
            { partition: 1, end: 7, committed: 6, lag: 1 },
          ],
        },
        at,
      );
    both(0, 10);
    both(100, 20);
    expect(both(200, 30).stalledMs).toBe(200);
    expect(both(200, 30).flows.get(0)?.stalledMs).toBe(0);
  });
});
