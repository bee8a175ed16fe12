import { describe, expect, it } from "vitest";
import { alerts } from "../../docs/alerts.js";
import { trials, tryOut } from "./runbook.js";
import { trialsOfServers } from "./runbook-servers.js";

describe("the runbook's cures", () => {
  it("are tried for each alert", () => {
    expect([...Object.keys(trials), ...Object.keys(trialsOfServers)].sort()).toEqual(alerts.map(({ name }) => name).sort());
  });

  it.concurrent.each(Object.entries(trials))("%s", (_name, trial) => tryOut(trial), 120_000);
});
