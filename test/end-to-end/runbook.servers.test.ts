import { describe, it } from "vitest";
import { trialsOfServers, tryOut } from "./runbook.js";

describe("the runbook's cures, of servers", () => {
  it.each(Object.entries(trialsOfServers))("%s", (_name, trial) => tryOut(trial), 120_000);
});
