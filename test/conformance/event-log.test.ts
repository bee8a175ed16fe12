import { systemClock } from "../../stores/clock.js";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { createMemoryLog } from "../../stores/event-log/memory-log.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { scratchFolder } from "../support/scratch.js";
import { describeEventLog } from "./event-log.js";

const folder = scratchFolder();

describeEventLog({
  name: "LMDB",
  rebalances: false,
  open: async () => {
    const environment = openEnvironment(folder.path);
    const log = createLmdbLog(environment, systemClock);
    let closing: Promise<void> | undefined;
    return {
      ...log,
      close: () => {
        closing ??= log.close().then(() => environment.close());
        return closing;
      },
    };
  },
});

let memory: ReturnType<typeof createMemoryLog> | undefined;
describeEventLog({
  name: "memory",
  rebalances: false,
  open: async () => {
    memory ??= createMemoryLog(systemClock);
    return memory.reopen();
  },
});
