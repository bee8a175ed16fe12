import type { ReactNode } from "react";
import type { ViewProps } from "./app.js";
import { decoded } from "./format.js";
import { ApiView } from "./views/api.js";
import { AuditView } from "./views/audit/audit.js";
import { DeadLettersView } from "./views/dead-letters.js";
import { GroupView } from "./views/groups/group.js";
import { GroupsView } from "./views/groups/groups.js";
import { ImportMembersView } from "./views/groups/import-members.js";
import { MessageView } from "./views/message.js";
import { MessagesView } from "./views/messages.js";
import { OutboxView } from "./views/outbox.js";
import { OverviewView } from "./views/overview.js";
import { ProvidersView } from "./views/providers.js";
import { ReportsView } from "./views/reports.js";
import { SendView } from "./views/send.js";
import { TenantView } from "./views/tenants/tenant.js";
import { TenantsView } from "./views/tenants/tenants.js";
import { UsageView } from "./views/usage/usage.js";
import { ImportUsersView } from "./views/users/import-users.js";
import { UserView } from "./views/users/user.js";
import { UsersView } from "./views/users/users.js";

type View = (props: ViewProps) => ReactNode;

const views: Readonly<Record<string, View>> = {
  "/messages": (props) => <MessagesView {...props} />,
  "/providers": (props) => <ProvidersView {...props} />,
  "/dead-letters": (props) => <DeadLettersView {...props} />,
  "/reports": (props) => <ReportsView {...props} />,
  "/send": (props) => <SendView {...props} />,
  "/outbox": (props) => <OutboxView {...props} />,
  "/tenants": (props) => <TenantsView {...props} />,
  "/users": (props) => <UsersView key={props.query.get("tenant")} {...props} />,
  "/import-users": (props) => <ImportUsersView key={props.query.get("tenant")} {...props} />,
  "/groups": (props) => <GroupsView key={props.query.get("tenant")} {...props} />,
  "/usage": (props) => <UsageView key={props.query.get("tenant")} {...props} />,
  "/audit": (props) => <AuditView key={props.query.get("tenant")} {...props} />,
  "/api": () => <ApiView />,
};

/** The views of one thing, by the path of their list. The key makes each thing's view its own. */
const viewsOfOne: Readonly<Record<string, (props: ViewProps, id: string) => ReactNode>> = {
  "/messages": (props, id) => <MessageView key={id} id={id} {...props} />,
  "/tenants": (props, id) => <TenantView key={id} id={id} {...props} />,
  "/groups": (props, id) => <GroupView key={`${props.query.get("tenant")} ${id}`} id={id} {...props} />,
  "/import-members": (props, id) => <ImportMembersView key={`${props.query.get("tenant")} ${id}`} id={id} {...props} />,
  "/users": (props, id) => <UserView key={`${props.query.get("tenant")} ${id}`} id={id} {...props} />,
};

/** The view at a path of the page. An unknown path shows the overview. */
export const viewOf = (path: string, props: ViewProps): ReactNode => {
  const [, list = "", id = ""] = /^(\/[a-z-]+)\/(.+)$/.exec(path) ?? [];
  const ofOne = Object.hasOwn(viewsOfOne, list) ? viewsOfOne[list] : undefined;
  if (ofOne) return ofOne(props, decoded(id));
  const view = Object.hasOwn(views, path) ? views[path] : undefined;
  return view ? view(props) : <OverviewView {...props} />;
};
