import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Provider } from "../../processors/provider.js";
import { messageOf } from "../../schemas/errors.js";
import type { Identify } from "./identity.js";
import { answerProblem } from "./problem.js";

const body = z.strictObject({
  platform: z.string().min(1).max(100).describe("name of a platform application, such as apns"),
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,2048}$/, "is not a device token")
    .describe("token that the platform gave the app"),
});

/** Devices: an app's service tells the token that it was given just now, and gets the recipient to write to. */
export const endpointRoutes = (app: FastifyInstance, providers: readonly Provider[], identify: Identify): void => {
  app.post("/v1/push/endpoints", async (request, reply) => {
    if (!identify(request, reply)) return reply;
    const enables = providers.find(({ enable }) => enable !== undefined);
    if (!enables?.enable) return answerProblem(reply, 404, "No provider keeps endpoints", "configure channels.push.providers with sns");
    const parsed = body.safeParse(request.body ?? {});
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({
        field: path.join(".") || "body",
        problem: message,
        fix: "give platform and token",
      }));
      return answerProblem(reply, 400, "The device is not understood", undefined, errors);
    }
    try {
      return await reply.send({ endpoint: await enables.enable(parsed.data.platform, parsed.data.token) });
    } catch (error) {
      return answerProblem(reply, 422, "The device cannot be reached", messageOf(error));
    }
  });
};
