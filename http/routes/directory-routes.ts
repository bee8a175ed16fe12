import type { FastifyInstance } from "fastify";
import { maskOf } from "../../config/secrets.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { readLists } from "../uploads/upload.js";
import { createLongWork } from "../work/long-work.js";
import { createWorkRecorder } from "../work/record-work.js";
import { groupRoutes } from "./group-routes.js";
import { userRoutes } from "./user-routes.js";

/** Users and groups. Only these routes read uploaded lists. */
export const directoryRoutes = (
  app: FastifyInstance,
  { config, stores, clock, logger }: Pick<HttpDependencies, "config" | "stores" | "clock" | "logger">,
): void => {
  const mask = maskOf(config);
  const answerWork = createLongWork(app, { logger, clock, mask, record: createWorkRecorder({ stores, logger, clock, mask }) });
  app.register(async (scope) => {
    readLists(scope);
    const tools = { stores, clock, answerWork, folder: config.dataDir };
    userRoutes(scope, tools);
    groupRoutes(scope, tools);
  });
};
