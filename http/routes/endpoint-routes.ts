import type { FastifyInstance, FastifyReply } from "fastify";
import { isTest } from "../../access/principal.js";
import type { Provider } from "../../processors/provider.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Channel } from "../../schemas/generated.js";
import { identityOf } from "../access/access.js";
import { addRoute } from "../contract/route-contract.js";
import { answerProblem } from "../problem.js";
import { registerDevice } from "./contracts/endpoint-contracts.js";

/** Answers for a device that cannot be registered. Any other error is a server error. */
const answerRefused = (reply: FastifyReply, error: unknown): FastifyReply => {
  const status = error instanceof CarillonError ? { UNSENDABLE: 422, FORBIDDEN: 403 }[error.code as string] : undefined;
  if (!(error instanceof CarillonError) || status === undefined) throw error;
  return answerProblem(reply, status, error.message);
};

/** Devices: an app's service registers the platform's token, and receives the recipient to send to. */
export const endpointRoutes = (app: FastifyInstance, channel: Channel, providers: readonly Provider[]): void => {
  const contract = registerDevice(channel);
  addRoute(app, contract, async (request, reply) => {
    const { tenant, operator, principal } = identityOf(request);
    if (isTest(principal)) return answerProblem(reply, 403, "a test key cannot register devices", undefined, "FORBIDDEN");
    const enables = providers.find(({ enable }) => enable !== undefined);
    if (!enables?.enable) return answerProblem(reply, 404, `no provider manages endpoints: add sns to channels.${channel}.providers`);
    const parsed = contract.body.safeParse(request.body ?? {});
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({
        field: path.join(".") || "body",
        problem: message,
        fix: "give platform and token",
      }));
      return answerProblem(reply, 400, undefined, errors);
    }
    try {
      const { platform, token } = parsed.data;
      return await reply.send({ endpoint: await enables.enable(platform, token, operator ? undefined : tenant) });
    } catch (error) {
      return answerRefused(reply, error);
    }
  });
};
