import { parentPort, workerData } from "node:worker_threads";
import { runThread } from "./run-thread.js";
import type { ThreadData } from "./thread-data.js";

/** The entry point of a thread. */

if (parentPort) runThread(workerData as ThreadData, parentPort);
