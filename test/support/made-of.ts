import { drive, workOf } from "../../engine/ask.js";
import type { StageResult } from "../../engine/stage.js";

/** What a stage makes of a record, however it works. */
export const madeOf = <T>(result: StageResult<T>): Promise<T> => drive(workOf(result));
