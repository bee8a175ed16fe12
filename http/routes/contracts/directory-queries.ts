import { z } from "zod";
import { wholeNumber } from "../../../reports/parameters.js";
import { problem } from "../../contract/answers.js";

/** The tenant that a key with the scope operate acts for. */
export const ofTenant = {
  tenant: z.string().min(1).max(128).optional().describe("give the id of a tenant; another tenant than the key's needs the scope operate"),
};
export const tenantQuery = z.strictObject(ofTenant);

export const pageQuery = z.strictObject({
  ...ofTenant,
  limit: wholeNumber(1, 1_000).default(100).describe("give a whole number from 1 to 1000"),
  cursor: z.string().max(2_000).optional().describe("give the cursor of the previous page"),
});

export const importQuery = z.strictObject({
  ...ofTenant,
  onError: z
    .enum(["skip", "refuse"])
    .default("skip")
    .describe("give skip to store the valid lines, or refuse to store nothing if a line is invalid"),
});

/** The answer for a tenant that does not exist. */
export const noTenant = problem("There is no such tenant");
