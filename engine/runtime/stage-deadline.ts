import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";

/** The name of decoding, which comes before the stages of every sub-topology. */
export const decodeStage = "decode";

/** Rejects STAGE_TIMEOUT, naming the stage, when the work exceeds the timeout. A stall of this process does not count. */
export const withStageDeadline = <T>(work: Promise<T>, timeoutMs: number, clock: Clock, stage: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = (): void => reject(new CarillonError("STAGE_TIMEOUT", `${stage} took longer than ${timeoutMs} ms`));
    const cancel = startDeadline(timeoutMs, clock, end);
    work.then(resolve, reject).finally(cancel);
  });
