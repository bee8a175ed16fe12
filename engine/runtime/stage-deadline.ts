import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";

/** The name of decoding, which comes before the stages of every sub-topology. */
export const decodeStage = "decode";

/** Rejects STAGE_TIMEOUT, naming the stage, when the work exceeds the timeout. */
export const withStageDeadline = <T>(work: Promise<T>, timeoutMs: number, clock: Clock, stage: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => reject(new CarillonError("STAGE_TIMEOUT", `${stage} took longer than ${timeoutMs} ms`)));
    work.then(resolve, reject).finally(cancel);
  });
