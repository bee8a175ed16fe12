import { z } from "zod";
import { refuse } from "../channels/refusal.js";
import { limits, tenant, timeMs, traceFunctions, webAddress } from "./option-fields.js";

const keyForm = /^[\x21-\x7e]{1,1000}$/;
const [leastRequests, mostRequests] = [1, 10_000];

/** A key that cannot be a header would be printed by the error of the request. */
const apiKey = z
  .string()
  .refine((text) => text === "" || keyForm.test(text), { error: "is not printable ASCII without spaces", abort: true })
  .min(1)
  .meta({ wanted: "one of http.apiKeys: printable ASCII without spaces" });

/** The options of `createHttpClient`, with their defaults. */
export const httpClientOptions = z
  .strictObject({
    url: webAddress("https://carillon.example.com", "leave it out, and give the key as apiKey", ({ pathname }) =>
      /\/v1(\/messages)?\/*$/.test(pathname) ? refuse("contains /v1, which the client appends", "give it without /v1") : undefined,
    ),
    apiKey: apiKey.optional(),
    tenant: tenant.optional(),
    limits,
    ...traceFunctions,
    deadlineMs: timeMs(1, 30_000),
    requestTimeoutMs: timeMs(1, 10_000),
    concurrency: z
      .number()
      .int()
      .min(leastRequests)
      .max(mostRequests)
      .default(16)
      .meta({ wanted: `a whole number from ${leastRequests} to ${mostRequests.toLocaleString("en-US")}` }),
    closeTimeoutMs: timeMs(0, 30_000),
  })
  .meta({ wanted: "an object with at least url" });
