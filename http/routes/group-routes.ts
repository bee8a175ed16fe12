import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { groupId, userId } from "../../client/checked-ids.js";
import { checkGroup, checkMember } from "../../directory/group-input.js";
import { getGroup, leaveGroup, putGroup, removeGroup, unknownGroup } from "../../directory/groups.js";
import { listGroups, listMembers } from "../../directory/list-pages.js";
import { importMembers, joinGroup } from "../../directory/memberships.js";
import { groupView, memberView } from "../../directory/views.js";
import type { Change, GroupKey } from "../../stores/subscriptions/subscriptions.js";
import { targetTenantOf } from "../access/target-tenant.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import { answerImport } from "../uploads/answer-import.js";
import { chunksOf, listFormatOf } from "../uploads/upload.js";
import { answered, checkedBody, idOf } from "./checked-input.js";
import { tenantQuery } from "./contracts/directory-queries.js";
import * as contracts from "./contracts/group-contracts.js";
import { parametersOf } from "./parameters-of.js";
import type { DirectoryTools } from "./user-routes.js";

type OfGroup = FastifyRequest<{ Params: { id: string } }>;

/** The group that a request names; undefined once an invalid query is answered. */
const groupOf = async (request: OfGroup, reply: FastifyReply, { stores }: DirectoryTools): Promise<GroupKey | undefined> => {
  const given = parametersOf(tenantQuery, request.query, reply);
  return given && { tenant: await targetTenantOf(request, given.tenant, stores), group: idOf(groupId, "id", request.params.id) };
};

const changeOf = ({ version, members, changed }: Change) => ({ version, members, changed: changed.includes(true) });

const groupItself = (app: FastifyInstance, tools: DirectoryTools): void => {
  const { stores } = tools;
  const { subscriptions } = stores;

  addRoute(app, contracts.putGroup, (request, reply) =>
    answered(reply, async () => {
      const key = await groupOf(request, reply, tools);
      const given = key && checkedBody(checkGroup, request.body, reply);
      return given ? reply.send(groupView(await putGroup(subscriptions, key, given))) : reply;
    }),
  );

  addRoute(app, contracts.getGroup, (request, reply) =>
    answered(reply, async () => {
      const key = await groupOf(request, reply, tools);
      return key ? reply.send(groupView(await getGroup(subscriptions, key))) : reply;
    }),
  );

  addRoute(app, contracts.deleteGroup, (request, reply) =>
    answered(reply, async () => {
      const key = await groupOf(request, reply, tools);
      if (!key) return reply;
      await removeGroup(subscriptions, key);
      return reply.code(204).send();
    }),
  );

  addRoute(app, contracts.listGroups, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.listGroups.query, request.query, reply);
      if (!given) return reply;
      const { items, cursor } = await listGroups(subscriptions, await targetTenantOf(request, given.tenant, stores), given);
      return reply.send(listOf(items.map(groupView), cursor));
    }),
  );
};

const membersOfGroup = (app: FastifyInstance, tools: DirectoryTools): void => {
  const { stores, clock } = tools;
  const { subscriptions } = stores;

  addRoute(app, contracts.addMembers, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.addMembers.query, request.query, reply);
      if (!given) return reply;
      const key = { tenant: await targetTenantOf(request, given.tenant, stores), group: idOf(groupId, "id", request.params.id) };
      const format = listFormatOf(request);
      if (format)
        return answerImport(tools, request, reply, given.onError, (options) =>
          importMembers(stores, { ...key, format, chunks: chunksOf(request, clock) }, options),
        );
      const member = checkedBody(checkMember, request.body, reply);
      return member ? reply.send(changeOf(await joinGroup(stores, key, member))) : reply;
    }),
  );

  addRoute(app, contracts.removeMember, (request, reply) =>
    answered(reply, async () => {
      const key = await groupOf(request, reply, tools);
      const user = idOf(userId, "user", request.params.user);
      return key ? reply.send(changeOf(await leaveGroup(subscriptions, key, user))) : reply;
    }),
  );

  addRoute(app, contracts.listMembers, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.listMembers.query, request.query, reply);
      if (!given) return reply;
      const key = { tenant: await targetTenantOf(request, given.tenant, stores), group: idOf(groupId, "id", request.params.id) };
      const page = await listMembers(subscriptions, key, given, clock.now());
      if (!page) throw unknownGroup();
      return reply.send({ ...listOf(page.items.map(memberView), page.cursor), version: page.version });
    }),
  );
};

/** The groups of a tenant and their members. */
export const groupRoutes = (app: FastifyInstance, tools: DirectoryTools): void => {
  groupItself(app, tools);
  membersOfGroup(app, tools);
};
