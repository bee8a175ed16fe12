import { parentPort, workerData } from "node:worker_threads";
import { runThread } from "./run-thread.js";
import type { ThreadData } from "./thread-data.js";

/** The file that a thread of a process begins with. */

if (parentPort) runThread(workerData as ThreadData, parentPort);
