import { drive, workOf } from "../../engine/ask.js";
import type { StageResult } from "../../engine/stage.js";

/** A stage's result for a record, whichever form it has. */
export const madeOf = <T>(result: StageResult<T>): Promise<T> => drive(workOf(result));
