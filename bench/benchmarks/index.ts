import type { Benchmark } from "../harness/result.js";
import { accept } from "./accept.js";
import { callbacks } from "./callbacks.js";
import { directory } from "./directory.js";
import { embedded } from "./embedded.js";
import { encryption } from "./encryption.js";
import { growth } from "./growth.js";
import { isolation } from "./isolation.js";
import { keyed } from "./keyed.js";
import { lineage } from "./lineage.js";
import { pipeline } from "./pipeline.js";
import { priority } from "./priority.js";
import { reports } from "./reports.js";
import { rollingRestart } from "./rolling-restart.js";
import { soak } from "./soak.js";
import { timers } from "./timers.js";
import { unhealthyProvider } from "./unhealthy-provider.js";

/** All benchmarks, in the order of the documentation. */
export const benchmarks: readonly Benchmark[] = [
  pipeline,
  priority,
  keyed,
  isolation,
  unhealthyProvider,
  callbacks,
  accept,
  timers,
  lineage,
  reports,
  embedded,
  directory,
  rollingRestart,
  encryption,
  soak,
  growth,
];
