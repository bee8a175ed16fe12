/** Where a command works, and its requests to a server. */
export type Reach =
  | {
      readonly where: "anywhere";
      /** Whose key it takes: any, or one whose role is operator (docs/access.md). */
      readonly access: "tenant" | "operator";
      readonly routes: readonly string[];
    }
  | {
      readonly where: "here";
      /** Why it works only on the server's machine. */
      readonly why: string;
      /** Whether it nevertheless uses a server given with --url. */
      readonly takesUrl?: boolean;
    };

const tenant = (...routes: string[]): Reach => ({ where: "anywhere", access: "tenant", routes });
const operator = (...routes: string[]): Reach => ({ where: "anywhere", access: "operator", routes });
const here = (why: string): Reach => ({ where: "here", why });

/** Every command by its words. An unlisted command cannot run. */
export const commandReach: Readonly<Record<string, Reach>> = {
  start: here("it starts the server"),
  send: tenant("POST /v1/messages", "GET /v1/messages/:id"),
  import: tenant("POST /v1/messages/batch"),
  status: tenant("GET /v1/messages/:id"),
  why: tenant("GET /reports/messages", "GET /v1/messages/:id"),
  outbox: tenant("GET /sandbox/outbox/:channel"),
  lanes: operator("GET /v1/queues"),
  plan: operator("GET /v1/queues/plan"),
  topology: operator("GET /console/api/about"),
  "dead-letters list": operator("GET /v1/dead-letters/_export"),
  "dead-letters show": operator("GET /v1/dead-letters/_export"),
  "dead-letters redrive": operator("GET /v1/dead-letters/_export", "POST /v1/dead-letters/redrive"),
  "dead-letters discard": operator("GET /v1/dead-letters/_export", "POST /v1/dead-letters/discard"),
  "providers list": operator("GET /v1/providers"),
  "providers pull": operator("POST /v1/providers/pull"),
  "reports usage": tenant("GET /v1/usage"),
  "reports summary": tenant("GET /reports/summary"),
  "reports export": tenant("GET /reports/:collection/_size", "GET /reports/:collection/_export"),
  "reports rebuild": operator("POST /v1/rollups/rebuild"),
  "webhooks list": operator("GET /v1/webhooks"),
  "webhooks enable": operator("POST /v1/webhooks/enable"),
  "tenants list": operator("GET /v1/tenants"),
  "tenants create": operator("POST /v1/tenants"),
  "tenants change": operator("PATCH /v1/tenants/:id"),
  "tenants delete": operator("DELETE /v1/tenants/:id"),
  "tenants settings": tenant("GET /v1/tenants/:id/settings"),
  "tenants set": tenant("PATCH /v1/tenants/:id/settings"),
  "tenants keys": tenant("GET /v1/tenants/:id/keys"),
  "tenants create-key": tenant("POST /v1/tenants/:id/keys"),
  "tenants rotate-key": tenant("POST /v1/tenants/:id/keys/:key/rotate"),
  "tenants revoke-key": tenant("DELETE /v1/tenants/:id/keys/:key"),
  "tenants providers": tenant("GET /v1/tenants/:id/providers"),
  "tenants set-provider": tenant("PUT /v1/tenants/:id/providers/:name"),
  "tenants remove-provider": tenant("DELETE /v1/tenants/:id/providers/:name"),
  "tenants routes": tenant("GET /v1/tenants/:id/routes"),
  "tenants set-route": tenant("PUT /v1/tenants/:id/routes/:channel"),
  "tenants remove-route": tenant("DELETE /v1/tenants/:id/routes/:channel"),
  "tenants token-keys": tenant("GET /v1/tenants/:id/token-keys"),
  "tenants add-token-key": tenant("POST /v1/tenants/:id/token-keys"),
  "tenants remove-token-key": tenant("DELETE /v1/tenants/:id/token-keys/:kid"),
  "tenants webhook": tenant("GET /v1/tenants/:id/webhook"),
  "tenants set-webhook": tenant("PUT /v1/tenants/:id/webhook"),
  "tenants remove-webhook": tenant("DELETE /v1/tenants/:id/webhook"),
  "tenants rotate-webhook": tenant("POST /v1/tenants/:id/webhook/rotate"),
  "tenants audit": tenant("GET /v1/audit"),
  "users list": tenant("GET /v1/users"),
  "users show": tenant("GET /v1/users/:id"),
  "users put": tenant("PUT /v1/users/:id"),
  "users delete": tenant("DELETE /v1/users/:id"),
  "users import": tenant("POST /v1/users/import"),
  "users export": tenant("GET /v1/exports/users"),
  "groups list": tenant("GET /v1/groups"),
  "groups show": tenant("GET /v1/groups/:id"),
  "groups put": tenant("PUT /v1/groups/:id"),
  "groups delete": tenant("DELETE /v1/groups/:id"),
  "groups members": tenant("GET /v1/groups/:id/members"),
  "groups join": tenant("POST /v1/groups/:id/members"),
  "groups leave": tenant("DELETE /v1/groups/:id/members/:user"),
  "groups import": tenant("POST /v1/groups/:id/members"),
  erase: operator("POST /v1/erasures/count", "POST /v1/erasures"),
  "keys list": operator("GET /v1/encryption"),
  "keys rewrap": operator("POST /v1/encryption/rewrap"),
  "config print": here("it prints the configuration that carillon start would use; a server does not disclose its own"),
  prepare: here("it needs the accounts of Kafka, MongoDB and the registry; a server does the same when it starts"),
  doctor: { where: "here", why: "it checks this machine, its configuration and its servers", takesUrl: true },
  backup: here("it copies files of the data folder"),
  restore: here("it replaces files of the data folder while no server uses it"),
};
