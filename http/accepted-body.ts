import type { Accepted } from "../sources/sending/sending.js";
import type { SentResult } from "./batch-result.js";
import { faultOf } from "./problem.js";

/** The answer to an accepted message. */
export const acceptedBody = ({ id, messages, warnings }: Accepted): SentResult => ({
  id,
  ...(messages ? { messages } : {}),
  ...(warnings.length > 0 ? { warnings: warnings.map(faultOf) } : {}),
});
