import type { DeliveryTestDriver } from "../../service/delivery-test-driver.js";

/** The stage, attempt and outcome of each step of a message. */
export const stepsOf = async (driver: DeliveryTestDriver, id: string): Promise<string[]> =>
  ((await driver.lineage(id))?.lineage ?? []).map(
    ({ stage, outcome, attempt }) => `${stage}${attempt > 0 ? ` ${attempt}` : ""} ${outcome}`,
  );
