import type { Config } from "../config/schema.js";
import { messageOf } from "../schemas/errors.js";
import { checkPipeline, parsePipeline } from "./aggregations.js";

/** Configured aggregations that are invalid or forbidden. */
export const unreadablePipelines = ({ reports }: Config): string[] =>
  Object.entries(reports.aggregations).flatMap(([name, { pipeline }]) => {
    try {
      checkPipeline(parsePipeline(`reports.aggregations.${name}.pipeline`, pipeline));
      return [];
    } catch (error) {
      const key = `reports.aggregations.${name}.pipeline`;
      return [messageOf(error).startsWith(key) ? messageOf(error) : `${key}: ${messageOf(error)}`];
    }
  });
