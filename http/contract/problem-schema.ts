import { z } from "zod";
import { named } from "./named.js";

/** A field at fault, in a problem or as a warning. */
export const findingSchema = named(
  "Finding",
  z.strictObject({
    field: z.string().describe("Path of the field, parameter or header"),
    problem: z.string().describe("What is wrong with it; continues the name of the field as a sentence"),
    fix: z.string().describe("What to send instead"),
    reference: z.string().optional().describe("Path of the field's documentation"),
  }),
);

/** The body of every refusal and failure. Source: RFC 9457. */
export const problemSchema = named(
  "Problem",
  z.strictObject({
    type: z.literal("about:blank").describe("The status explains the problem"),
    title: z.string().describe("The phrase of the status"),
    status: z.number().int().min(400).max(599).describe("The status of the answer"),
    detail: z.string().optional().describe("The problem in a sentence"),
    errors: z.array(findingSchema).optional().describe("The fields at fault"),
    code: z.string().optional().describe("Carillon's own code of the error, as listed in docs/reference.md"),
    requestId: z.string().optional().describe("In answers of 500 and above: the id of the request in the log"),
    reference: z.string().optional().describe("Path of the documentation of the request's fields"),
  }),
);
