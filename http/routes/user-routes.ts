import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { userId } from "../../client/checked-ids.js";
import { checkGivenAddress } from "../../directory/address-input.js";
import { checkUser } from "../../directory/check-user.js";
import { exportUsers } from "../../directory/export-users.js";
import { importUsers } from "../../directory/import-users.js";
import { listGroupsOf, listUsers } from "../../directory/list-pages.js";
import { forgetUsers } from "../../directory/memberships.js";
import { addAddress, getUser, putUser, removeAddress, unknownUser } from "../../directory/users.js";
import { membershipView, userView } from "../../directory/views.js";
import { CarillonError } from "../../schemas/errors.js";
import type { AddressChannel, UserKey } from "../../stores/directory/directory.js";
import { identityOf } from "../access/access.js";
import { targetTenantOf } from "../access/target-tenant.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import { answerWrongMediaType } from "../failures.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { answerImport, type ImportTools } from "../uploads/answer-import.js";
import { chunksOf, listFormatOf } from "../uploads/upload.js";
import { answered, checkedBody, idOf } from "./checked-input.js";
import { tenantQuery } from "./contracts/directory-queries.js";
import * as contracts from "./contracts/user-contracts.js";
import { parametersOf } from "./parameters-of.js";

export type DirectoryTools = Pick<HttpDependencies, "stores" | "clock"> & ImportTools;

type OfUser = FastifyRequest<{ Params: { id: string } }>;

/** The user that a request names; undefined once an invalid query is answered. */
const userOf = async (request: OfUser, reply: FastifyReply, { stores }: DirectoryTools): Promise<UserKey | undefined> => {
  const given = parametersOf(tenantQuery, request.query, reply);
  return given && { tenant: await targetTenantOf(request, given.tenant, stores), id: idOf(userId, "id", request.params.id) };
};

const userItself = (app: FastifyInstance, tools: DirectoryTools): void => {
  const { stores } = tools;
  const { directory, subscriptions } = stores;

  addRoute(app, contracts.putUser, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.putUser.query, request.query, reply);
      if (!given) return reply;
      const id = idOf(userId, "id", request.params.id);
      const user = checkedBody(checkUser, request.body, reply);
      if (!user) return reply;
      const tenant = await targetTenantOf(request, given.tenant, stores);
      const stored = await putUser(directory, tenant, { ...user, id, revision: given.revision });
      return reply.code(stored.revision === 1 ? 201 : 200).send(userView(stored));
    }),
  );

  addRoute(app, contracts.getUser, (request, reply) =>
    answered(reply, async () => {
      const key = await userOf(request, reply, tools);
      return key ? reply.send(userView(await getUser(directory, key))) : reply;
    }),
  );

  addRoute(app, contracts.deleteUser, (request, reply) =>
    answered(reply, async () => {
      const key = await userOf(request, reply, tools);
      if (!key) return reply;
      const [existed] = await forgetUsers({ directory, subscriptions }, key.tenant, [key.id]);
      if (!existed) throw unknownUser();
      return reply.code(204).send();
    }),
  );
};

const listsOfUsers = (app: FastifyInstance, { stores }: DirectoryTools): void => {
  const { directory, subscriptions } = stores;
  addRoute(app, contracts.listUsers, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.listUsers.query, request.query, reply);
      if (!given) return reply;
      const { items, cursor } = await listUsers(directory, await targetTenantOf(request, given.tenant, stores), given);
      return reply.send(listOf(items.map(userView), cursor));
    }),
  );

  addRoute(app, contracts.listGroupsOfUser, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.listGroupsOfUser.query, request.query, reply);
      if (!given) return reply;
      const tenant = await targetTenantOf(request, given.tenant, stores);
      const user = idOf(userId, "id", request.params.id);
      await getUser(directory, { tenant, id: user });
      const { items, cursor } = await listGroupsOf(subscriptions, { tenant, user }, given);
      return reply.send(listOf(items.map(membershipView), cursor));
    }),
  );
};

/** Channels on which a user's own token may change addresses. Others could name people who never agreed to it. */
const ownChannels: readonly AddressChannel[] = ["push", "device"];

const assertChannel = (request: FastifyRequest, channel: AddressChannel): void => {
  if (identityOf(request).principal.kind !== "user" || ownChannels.includes(channel)) return;
  throw new CarillonError("FORBIDDEN", `the token of a user changes addresses on ${ownChannels.join(" and ")} only`);
};

const addressesOfUser = (app: FastifyInstance, tools: DirectoryTools): void => {
  for (const [contract, change] of [
    [contracts.addAddress, addAddress],
    [contracts.removeAddress, removeAddress],
  ] as const)
    addRoute(app, contract, (request, reply) =>
      answered(reply, async () => {
        const key = await userOf(request, reply, tools);
        const address = key && checkedBody(checkGivenAddress, request.body, reply);
        if (!address) return reply;
        assertChannel(request, address.channel);
        return reply.send(userView(await change(tools.stores.directory, key, address)));
      }),
    );
};

const listTransfers = (app: FastifyInstance, tools: DirectoryTools): void => {
  const { stores } = tools;
  const { directory } = stores;

  addRoute(app, contracts.importUsers, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.importUsers.query, request.query, reply);
      if (!given) return reply;
      const tenant = await targetTenantOf(request, given.tenant, stores);
      const format = listFormatOf(request);
      if (!format) return answerWrongMediaType(request, reply);
      const upload = { tenant, format, chunks: chunksOf(request, tools.clock) };
      return answerImport(tools, request, reply, given.onError, (options) => importUsers(directory, upload, options));
    }),
  );

  addRoute(app, contracts.exportUsers, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.exportUsers.query, request.query, reply);
      if (!given) return reply;
      const tenant = await targetTenantOf(request, given.tenant, stores);
      const { format, after } = given;
      const type = format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
      return reply
        .type(type)
        .header("content-disposition", `attachment; filename="users.${format}"`)
        .send(Readable.from(exportUsers(directory, { tenant, format, after })));
    }),
  );
};

/** The users of a tenant, one by one and as lists. */
export const userRoutes = (app: FastifyInstance, tools: DirectoryTools): void => {
  userItself(app, tools);
  listsOfUsers(app, tools);
  addressesOfUser(app, tools);
  listTransfers(app, tools);
};
