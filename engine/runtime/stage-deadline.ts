import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";

/** The first stage of every sub-topology. */
export const decodeStage = "decode";

/** Rejects STAGE_TIMEOUT, naming the stage, once the work has taken longer than it may. */
export const withStageDeadline = <T>(work: Promise<T>, timeoutMs: number, clock: Clock, stage: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => reject(new CarillonError("STAGE_TIMEOUT", `${stage} took longer than ${timeoutMs} ms`)));
    work.then(resolve, reject).finally(cancel);
  });
