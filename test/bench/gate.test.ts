import { describe, expect, it } from "vitest";
import { bestOf, measureOnce, shortfalls } from "../../bench/gate/gate.js";

describe("the gate on ratios", () => {
  const baseline = { "a: x / y": 1, "a: z": 0.4 };

  it("lets noise pass, and names what has fallen below 0.7 of what was kept", () => {
    expect(shortfalls({ "a: x / y": 0.71, "a: z": 0.5 }, baseline)).toEqual([]);
    expect(shortfalls({ "a: x / y": 0.69, "a: z": 0.4 }, baseline)).toEqual(["a: x / y: 0.69, which is 0.69 of the kept 1.00"]);
  });

  it("refuses a ratio that nobody has kept, and counts the best of several runs", () => {
    expect(shortfalls({ "b: new": 1 }, baseline)).toEqual(["b: new has no kept ratio: npm run gate -- --save"]);
    expect(bestOf({ "a: z": 0.3 }, { "a: z": 0.2, "a: x / y": 1 })).toEqual({ "a: z": 0.3, "a: x / y": 1 });
  });

  it("keeps what is compared with a peer of the same run, and leaves out what a faster machine changes", async () => {
    const ratios = [
      { name: "ours / theirs", value: 2, aim: 1, atLeast: true },
      { name: "theirs / ours in ms", value: 4, aim: 1, atLeast: false },
      { name: "start / 2 s", value: 0.4, aim: 1, atLeast: false, ofMachine: true },
    ];
    const benchmark = { name: "a", work: "none", servers: [], run: async () => ({ contestants: [], ratios, notes: [] }) };
    const context = { scale: 1, address: () => "", progress: () => undefined };
    expect(await measureOnce(benchmark, context)).toEqual({ "a: ours / theirs": 2, "a: theirs / ours in ms": 0.25 });
  });
});
