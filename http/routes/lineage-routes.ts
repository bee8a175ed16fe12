import type { FastifyInstance } from "fastify";
import { encryptionView, rewrapStores } from "../../operations/encryption-keys.js";
import { CarillonError } from "../../schemas/errors.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { answerRefusal } from "../refusals.js";
import type { AnswerWork } from "../work/long-work.js";
import { getEncryption, rebuildRollups, rewrapEncryption } from "./contracts/operation-contracts.js";

/** Work on the whole lineage: encrypting it again, counting it again. One job at a time, because each reads every document. */
export const lineageRoutes = (
  app: FastifyInstance,
  { config, stores }: Pick<HttpDependencies, "config" | "stores">,
  answerWork: AnswerWork,
): void => {
  let isUnderWay = false;
  const alone = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isUnderWay) throw new CarillonError("BUSY", "another rewrap or rebuild is running", { fix: "retry when it has finished" });
    isUnderWay = true;
    try {
      return await work();
    } finally {
      isUnderWay = false;
    }
  };

  addRoute(app, getEncryption, async (_request, reply) => reply.send(await encryptionView(config, stores)));

  addRoute(app, rewrapEncryption, (request, reply) =>
    answerWork(request, reply, ({ progress }) => alone(() => rewrapStores(config, stores, progress))),
  );

  addRoute(app, rebuildRollups, async (request, reply) => {
    if (config.profile === "cluster") {
      const problem = "rollups in MongoDB can be rebuilt only while no process records lineage";
      const fix =
        "stop the processes that record lineage (runtime.queues), and run carillon reports rebuild next to MongoDB, without --url";
      return answerRefusal(reply, new CarillonError("CONFIG_INVALID", problem, { fix }));
    }
    return answerWork(request, reply, ({ progress }) => alone(async () => ({ documents: await stores.lineage.recount(progress) })));
  });
};
