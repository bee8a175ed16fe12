import { describe, it } from "vitest";
import { tryOut } from "./runbook.js";
import { trialsOfServers } from "./runbook-servers.js";

describe("the runbook's cures, of servers", () => {
  it.each(Object.entries(trialsOfServers))("%s", (_name, trial) => tryOut(trial), 120_000);
});
