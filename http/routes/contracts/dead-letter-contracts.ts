import { z } from "zod";
import { wholeNumber } from "../../../reports/parameters.js";
import { json, lines } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { longWork } from "../../contract/long-work-answers.js";
import { defineRoute } from "../../contract/route-contract.js";
import { deadLetterSchema, exportedLetterSchema } from "../../contract/schemas/dead-letter-schemas.js";

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .optional();

const filterFields = {
  state: z.enum(["pending", "redriven", "discarded"]).optional().describe("give pending, redriven or discarded"),
  code: z.string().max(100).optional().describe("give an error code of at most 100 characters"),
  stage: z.string().max(100).optional().describe("give the name of a stage"),
  topic: z.string().max(200).optional().describe("give the name of a topic, or its beginning"),
  since: instant.describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z"),
  until: instant.describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z"),
  text: z.string().max(200).optional().describe("give at most 200 characters of the error or ID"),
};

const choice = {
  ids: z.array(z.string().min(1).max(300)).min(1).max(1_000).optional().describe("give a list of 1 to 1000 ids of dead letters"),
  filter: z
    .strictObject(filterFields)
    .optional()
    .describe("give an object with the parameters of GET /v1/dead-letters; {} selects all pending dead letters"),
};

/** The handler checks it, because its error explains both choices. */
const eitherChoice = { anyOf: [{ required: ["ids"] }, { required: ["filter"] }] };

const common = { access: "operator", tag: "deadLetters" } as const;

export const listDeadLetters = defineRoute({
  ...common,
  method: "GET",
  url: "/v1/dead-letters",
  id: "listDeadLetters",
  summary: "List dead letters",
  description: "Latest first.",
  query: z.strictObject({
    ...filterFields,
    limit: wholeNumber(1, 1_000).default(200).describe("give a whole number from 1 to 1000"),
    cursor: z.string().max(1_000).optional().describe("give the cursor of the previous page"),
  }),
  answers: {
    200: json(
      listSchema(deadLetterSchema, { total: z.number().int().describe("Number of all matching dead letters") }),
      "The matching dead letters",
    ),
  },
});

export const exportDeadLetters = defineRoute({
  ...common,
  method: "GET",
  url: "/v1/dead-letters/_export",
  head: false, // it would read all of them, too
  id: "exportDeadLetters",
  summary: "Export dead letters with their bytes",
  description: "Oldest first.",
  query: z.strictObject({
    ...filterFields,
    id: z.string().min(1).max(300).optional().describe("give the id of a dead letter"),
    bytes: z
      .enum(["true", "false"])
      .default("true")
      .transform((given) => given === "true")
      .describe("give false to leave out key, value and headers"),
  }),
  answers: { 200: lines(exportedLetterSchema, "A stream with one dead letter on each line") },
});

export const redriveDeadLetters = defineRoute({
  ...common,
  method: "POST",
  url: "/v1/dead-letters/redrive",
  id: "redriveDeadLetters",
  audited: "deadLetters.redrive",
  summary: "Process dead letters again",
  body: z
    .strictObject({
      ...choice,
      perSecond: z.number().positive().max(100_000).optional().describe("give dead letters per second, above 0 and at most 100000"),
    })
    .meta(eitherChoice),
  answers: { 200: longWork(z.strictObject({ redriven: z.number().int() }), "The number of redriven dead letters") },
});

export const discardDeadLetters = defineRoute({
  ...common,
  method: "POST",
  url: "/v1/dead-letters/discard",
  id: "discardDeadLetters",
  audited: "deadLetters.discard",
  summary: "Discard dead letters",
  body: z
    .strictObject({
      ...choice,
      reason: z.string().trim().min(1).max(500).describe("give the reason in 1 to 500 characters"),
    })
    .meta(eitherChoice),
  answers: { 200: longWork(z.strictObject({ discarded: z.number().int() }), "The number of discarded dead letters") },
});
