import { z } from "zod";
import type { LetterView } from "../../../operations/dead-letters/letter-view.js";
import type { DeadLetterView } from "../../console/views.js";
import { named } from "../named.js";

const state = z.enum(["pending", "redriven", "discarded"]);
const time = z.iso.datetime();

/** A dead letter in a list. */
export const deadLetterSchema = named(
  "DeadLetter",
  z.strictObject({
    id: z.string(),
    at: time,
    topic: z.string(),
    stage: z.string(),
    code: z.string(),
    message: z.string(),
    bytes: z.number().int().describe("Size of the original record"),
    head: z.string().describe("The first of the original bytes, in hexadecimal"),
    state,
    settledAt: time.nullable(),
    reason: z.string().nullable(),
  }),
) satisfies z.ZodType<DeadLetterView>;

/** A dead letter in an export. */
export const exportedLetterSchema = named(
  "ExportedDeadLetter",
  z.strictObject({
    deadLetterId: z.string(),
    topic: z.string(),
    partition: z.number().int(),
    offset: z.number().int(),
    key: z.string().nullable().describe("In base64"),
    value: z.string().nullable().describe("In base64"),
    headers: z.record(z.string(), z.string()).describe("In base64"),
    timestamp: z.number().describe("Milliseconds since 1970 UTC"),
    stage: z.string(),
    errorCode: z.string(),
    errorMessage: z.string(),
    instance: z.string().describe("The instance of the process that gave the record up"),
    at: time,
    state,
    settledAt: time.nullable(),
    reason: z.string().nullable(),
  }),
) satisfies z.ZodType<LetterView>;
