import type { FastifyRequest } from "fastify";
import { installation, type Target } from "../../access/decide.js";
import type { Logger } from "../../operations/telemetry/logger.js";
import { type Change, type RecordTools, recordChange } from "../../operations/tenants/record-change.js";
import { messageOf } from "../../schemas/errors.js";
import type { Mask } from "../../schemas/secret-mask.js";
import { authorOf } from "../access/access.js";

/** Records work that was done for an operator, if its route is audited. Never rejects. */
export type RecordWork = (request: FastifyRequest, result: object) => Promise<void>;

const targetOf = (body: unknown): Target => {
  const tenant = typeof body === "object" && body !== null && "tenant" in body ? body.tenant : undefined;
  return typeof tenant === "string" ? tenant : installation;
};

/** Only the result is recorded: the request can name recipients. Work that was done cannot be refused, so a failure is logged. */
export const createWorkRecorder =
  (tools: RecordTools & { readonly logger: Logger; readonly mask: Mask }): RecordWork =>
  async (request, result) => {
    const { method, url = "", config } = request.routeOptions;
    const action = config.contract?.audited;
    if (action === undefined) return;
    const change: Change = { action, tenant: targetOf(request.body), target: `${method} ${url}`, before: null, after: result };
    await recordChange(tools, change, authorOf(request)).catch((error: unknown) => {
      tools.logger.error({ requestId: request.id, action, err: tools.mask(messageOf(error)) }, "not recorded in the audit log");
    });
  };
