import type { ChildProcess } from "node:child_process";
import { isMainThread } from "node:worker_threads";

const children = new Set<ChildProcess>();

const endAll = (): void => {
  for (const child of children) child.kill("SIGKILL");
};

let listening = false;
const listen = (): void => {
  if (listening) return;
  listening = true;
  process.once("exit", endAll);
  if (!isMainThread) return; // only the main thread receives signals
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      endAll();
      process.kill(process.pid, signal);
    });
  }
};

/** Ends the child with this process, however this one ends, except by SIGKILL. */
export const endWithParent = <Child extends ChildProcess>(child: Child): Child => {
  listen();
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
};

const watch = "const parent=process.ppid;setInterval(()=>{if(process.ppid!==parent)process.exit(1)},1000).unref()";

/** NODE_OPTIONS that make a Node.js child end when its parent is gone, even after SIGKILL. */
export const endingOptions = (given = process.env.NODE_OPTIONS ?? ""): string =>
  `${given} --import data:text/javascript,${encodeURIComponent(watch)}`.trim();
