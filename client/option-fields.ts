import { z } from "zod";
import { channelDefinitions } from "../channels/generated.js";
import { tenantProblem } from "../channels/one-line.js";
import { readBy } from "../channels/read-by.js";
import { type Refusal, refuse } from "../channels/refusal.js";
import { commonLimits, type Limits } from "./limits.js";
import { wrongKind } from "./value-kind.js";

/** Options that both clients have. Each check states the accepted values, and no error quotes a value. */

/** Node.js's longest timer. A longer one would end at once. */
const longestTimerMs = 2_147_483_647;

export const timeMs = (least: number, presetMs: number) =>
  z
    .number()
    .min(least)
    .max(longestTimerMs)
    .default(presetMs)
    .meta({ wanted: `a time in milliseconds from ${least} to ${longestTimerMs.toLocaleString("en-US")}` });

const isFunction = (value: unknown): boolean => typeof value === "function";

/** A function. Its result is checked when it is called. */
export const functionOf = <T extends (...given: never[]) => unknown>(wanted: string) =>
  z.custom<T>(isFunction, { error: ({ input }) => (input === undefined ? "is missing" : wrongKind(input, "a function")) }).meta({ wanted });

/** The address of an HTTP server. `credentialsFix`: what to do with credentials in it, which errors would print. */
export const webAddress = (example: string, credentialsFix: string, more: (url: URL) => Refusal | undefined = () => undefined) =>
  readBy((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const fix = `give an address such as ${example}`;
    if (!url || !/^https?:$/.test(url.protocol)) return refuse("is not an http or https address", fix);
    if (url.username !== "" || url.password !== "") return refuse("contains credentials", credentialsFix);
    if (url.search !== "" || url.hash !== "") return refuse("contains a query or a fragment", fix);
    return more(url) ?? text;
  }).meta({ wanted: `an address such as ${example}` });

const tenantWanted = "one line of at most 128 characters";
export const tenant = readBy((text) => {
  const problem = tenantProblem(text);
  return problem === undefined ? text : refuse(problem, `give ${tenantWanted}`);
}).meta({ wanted: tenantWanted });

const most = (preset: number) => z.number().int().min(1).default(preset);

const channelKeys: Readonly<Record<string, z.ZodType>> = Object.assign(
  {},
  ...Object.values(channelDefinitions).flatMap(({ limits, options }) => [limits, options]),
);

/** Absent limits have Carillon's defaults. */
export const limits = z
  .strictObject({
    contentBytes: most(commonLimits.contentBytes),
    metadataBytes: most(commonLimits.metadataBytes),
    variablesBytes: most(commonLimits.variablesBytes),
    maxScheduleAheadMs: most(commonLimits.maxScheduleAheadMs),
    ...channelKeys,
  })
  .transform((read) => read as unknown as Limits)
  .prefault({})
  .meta({ wanted: "an object such as { smsSegments: 3 }" });

/** Functions that return the trace context of the current work. */
export const traceFunctions = {
  traceparent: functionOf<() => string | null | undefined>("a function that returns a W3C traceparent").optional(),
  tracestate: functionOf<() => string | null | undefined>("a function that returns a W3C tracestate").optional(),
};
