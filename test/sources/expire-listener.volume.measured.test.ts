import { afterAll, describe } from "vitest";
import { systemClock } from "../../stores/clock.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbTimers } from "../../stores/timers/lmdb-timers.js";
import { scratchFolder } from "../support/scratch.js";
import { itFiresManyTimers } from "./expire-listener-volume.js";

describe.concurrent("timers in LMDB", () => {
  const folders = [scratchFolder(), scratchFolder()];
  const environments = folders.map(({ path }) => openEnvironment(path));
  afterAll(async () => {
    await Promise.all(environments.map((environment) => environment.close()));
    for (const folder of folders) folder.remove();
  });
  const open = (index: number) => async () => {
    const environment = environments[index];
    if (!environment) throw new Error("no environment");
    return createLmdbTimers(environment, systemClock);
  };
  itFiresManyTimers("LMDB", { listener: true, sweepEveryMs: 1_000 }, open(0));
  itFiresManyTimers("LMDB", { listener: false, sweepEveryMs: 250 }, open(1));
});
