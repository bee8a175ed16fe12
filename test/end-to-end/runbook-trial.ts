import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { readMetrics, type Sample } from "../support/metrics.js";
import type { Delivery, DeliveryOptions } from "./harness.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

export const carillon = async ({ configFile }: Delivery, ...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [join(root, "bin/carillon.js"), "--config", configFile, ...args], {
    env: { ...cleanEnvironment(), NO_COLOR: "1" },
    timeout: 60_000,
  });
  return stdout;
};

/** doctor's output, even if it reports problems. */
export const doctorOf = (delivery: Delivery): Promise<string> =>
  carillon(delivery, "doctor").catch(({ stdout }: { stdout: string }) => stdout);

type Labels = Readonly<Record<string, RegExp>>;

export const valuesOf = async (delivery: Delivery, name: string, labels: Labels = {}): Promise<number[]> => {
  const samples = (await Promise.all(delivery.urls.map(readMetrics))).flat();
  const fits = (sample: Sample): boolean =>
    sample.name === name && Object.entries(labels).every(([label, pattern]) => pattern.test(sample.labels[label] ?? ""));
  return samples.filter(fits).map(({ value }) => value);
};

/** The largest value of the samples that match the labels, or their sum; 0 if there are none. */
export const most = async (...asked: Parameters<typeof valuesOf>): Promise<number> => Math.max(0, ...(await valuesOf(...asked)));
export const sum = async (...asked: Parameters<typeof valuesOf>): Promise<number> =>
  (await valuesOf(...asked)).reduce((all, one) => all + one, 0);

export const until = (ask: () => Promise<number>, accept: (value: number) => boolean): Promise<number> =>
  eventually(ask, accept, 40_000, 200);

export const sms = (lane: string, to = "+14155550100") => ({ channel: "sms", to, lane, content: { text: "Hi" } });

export const allDelivered = async (delivery: Delivery, ids: readonly string[]): Promise<void> => {
  for (const id of ids) expect((await delivery.final(id, 40_000)).status).toBe("delivered");
};

/** A runbook entry that is tried on a delivery. */
export interface Trial {
  readonly options: Partial<DeliveryOptions>;
  try(delivery: Delivery): Promise<void>;
}
