import { describe, expect, it } from "vitest";
import { bestOf, gated, measureOnce, mostRuns, type Ratios, readBaseline, shortfalls } from "../../bench/gate/gate.js";
import { serverAddress } from "../support/servers.js";

describe.each(gated.map(({ benchmark, scale }) => ({ name: benchmark.name, benchmark, scale })))(
  "the ratios of the benchmark $name",
  ({ benchmark, scale }) => {
    it("are not below what was kept", { timeout: 600_000 }, async () => {
      const context = { scale, address: serverAddress, progress: () => undefined };
      let best: Ratios = {};
      for (let run = 1; run <= mostRuns; run += 1) {
        best = bestOf(best, await measureOnce(benchmark, context));
        if (shortfalls(best, readBaseline()).length === 0) break;
      }
      process.stderr.write(
        `\n${Object.entries(best)
          .map(([name, value]) => `${name} ${value.toFixed(2)}`)
          .join("\n")}\n`,
      );
      expect(shortfalls(best, readBaseline())).toEqual([]);
    });
  },
);
