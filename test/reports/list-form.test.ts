import { expect, it } from "vitest";
import { listOf } from "../../reports/parameters.js";
import { summaryParameters } from "../../reports/summary.js";

const patternOf = (parameter: { meta(): unknown }): RegExp => {
  const { parameter: described } = parameter.meta() as { readonly parameter: { readonly pattern: string } };
  return new RegExp(described.pattern);
};

const statuses = listOf(["sent", "failed"]);

it.each(["", "sent", "sent,failed", ",sent,,failed,", "sentfailed", "sent failed", "other", "sent,other"])(
  "describes a list of known values as the check takes it: %j",
  (text) => {
    expect(patternOf(statuses).test(text)).toBe(statuses.safeParse(text).success);
  },
);

it.each(["hour,day,lane,tenant", "hour,day,lane,tenant,region", "hour,hours"])(
  "describes the dimensions as the check takes them: %s",
  (by) => {
    const parameter = summaryParameters.shape.by.unwrap();
    expect(patternOf(parameter).test(by)).toBe(parameter.safeParse(by).success);
  },
);
