import type { GroupView, MemberView, UserView } from "../../directory/views.js";
import type { TopologyDescription } from "../../engine/describe.js";
import type { BatchResult, SentResult } from "../../http/batch-result.js";
import type { List } from "../../http/contract/list.js";
import type { LetterFilter } from "../../operations/dead-letters/letter-pages.js";
import type { LetterView } from "../../operations/dead-letters/letter-view.js";
import type { EncryptionView, Rewrapped } from "../../operations/encryption-keys.js";
import type { RecipientQuestion } from "../../operations/erased-recipient.js";
import type { Erasure, ErasureRequest } from "../../operations/erasure.js";
import type { QueueState } from "../../operations/lag/queue-states.js";
import type { MeasuredPlan, PlanQuestion } from "../../operations/load/measure-plan.js";
import type { MessageView } from "../../operations/message-view.js";
import type { ProviderState } from "../../operations/provider-states.js";
import type { Pulled } from "../../operations/pull-now.js";
import type { AuditView } from "../../operations/tenants/audit-desk.js";
import type { IssuedKey, KeyView } from "../../operations/tenants/key-desk.js";
import type { SettingsView } from "../../operations/tenants/settings-desk.js";
import type { TenantView } from "../../operations/tenants/tenant-desk.js";
import type { TokenKeyView } from "../../operations/tenants/token-key-desk.js";
import type { EnableQuestion, WebhookView } from "../../operations/webhook-desk.js";
import type { ExportPage } from "../../reports/export/export-pages.js";
import type { Summary } from "../../reports/summary.js";
import type { Usage } from "../../reports/usage.js";
import type { Channel } from "../../schemas/generated.js";
import type { OutboxEntry } from "../../sinks/outbox.js";
import type { CollectionName } from "../../stores/lineage-store/lineage-store.js";
import type { OwnProviderAdministration } from "./own-provider-administration.js";
import type { OwnWebhookAdministration } from "./own-webhook-administration.js";

/** Receives the progress of long work. */
export type OnProgress = (done: number, all?: number) => void;

/** A warning or an error about a field of a message. */
export interface FieldNote {
  readonly field: string;
  readonly problem: string;
  readonly fix: string;
}

export interface Messages {
  /** Accepts a message. `tenant` undefined: the caller's own. Rejects INPUT_INVALID, IDEMPOTENCY_CONFLICT, NOT_FOUND for an unknown user. */
  send(input: unknown, tenant: string | undefined): Promise<SentResult & { readonly warnings: readonly FieldNote[] }>;
  /** Accepts at most 500 messages. Resolves with their results in the order given. */
  sendBatch(inputs: readonly unknown[], tenant: string | undefined): Promise<readonly BatchResult[]>;
  find(id: string): Promise<MessageView | undefined>;
  /** The latest messages to a recipient, or the message with an id. */
  latestOf(wanted: string, limit: number): Promise<readonly MessageView[]>;
  /** The sandbox's deliveries, latest first. */
  outbox(channel: Channel, limit: number): Promise<readonly OutboxEntry[]>;
}

export interface Queues {
  states(): Promise<readonly QueueState[]>;
  plan(question: PlanQuestion, onProgress: OnProgress): Promise<MeasuredPlan>;
  topologies(): Promise<readonly TopologyDescription[]>;
}

/** Dead letters by id, or all that match. */
export type LetterChoice = { readonly id: string } | { readonly filter: LetterFilter };

export interface Letters {
  /** Oldest first. `withBytes`: with keys, values and headers. */
  list(filter: LetterFilter, withBytes: boolean): Promise<readonly LetterView[]>;
  find(id: string): Promise<LetterView | undefined>;
  /** Redrives the pending ones. Resolves with their number. */
  redrive(choice: LetterChoice, perSecond: number | undefined, onProgress: OnProgress): Promise<number>;
  discard(choice: LetterChoice, reason: string): Promise<number>;
}

export interface Providers {
  states(): Promise<readonly ProviderState[]>;
  pull(name: string, onProgress: OnProgress): Promise<readonly Pulled[]>;
}

export interface TenantWebhooks {
  list(): Promise<readonly WebhookView[]>;
  /** Resolves with the amount sent again; null if none was requested. */
  enable(question: EnableQuestion, onProgress: OnProgress): Promise<number | null>;
}

export interface PageOf {
  readonly limit: number;
  /** That of the previous page. */
  readonly cursor?: string | undefined;
}

export type ListFormat = "ndjson" | "csv";

/** A list of users or members. */
export interface ListUpload {
  readonly format: ListFormat;
  readonly chunks: AsyncIterable<Buffer>;
  /** Stores nothing if a line is invalid. */
  readonly refuse: boolean;
}

/** What became of the lines of a list. */
export interface Imported {
  readonly imported: number;
  /** The first failed lines. */
  readonly failed: readonly { readonly line: number; readonly errors: readonly FieldNote[] }[];
  readonly failedCount: number;
}

export interface JoinChange {
  readonly members: number;
  readonly changed: boolean;
}

/** Users and groups of a tenant. `tenant` undefined: the caller's own. Every method rejects NOT_FOUND for what does not exist. */
export interface DirectoryAdministration {
  users(tenant: string | undefined, page: PageOf): Promise<List<UserView>>;
  user(tenant: string | undefined, id: string): Promise<UserView>;
  /** Creates or replaces a user. Rejects INPUT_INVALID. */
  putUser(tenant: string | undefined, id: string, input: object): Promise<UserView>;
  deleteUser(tenant: string | undefined, id: string): Promise<void>;
  importUsers(tenant: string | undefined, upload: ListUpload, onProgress: OnProgress): Promise<Imported>;
  /** All users, as imports read them. `after`: continues after this id. */
  exportUsers(tenant: string | undefined, format: ListFormat, after: string | undefined): AsyncIterable<Uint8Array>;
  groups(tenant: string | undefined, page: PageOf): Promise<List<GroupView>>;
  group(tenant: string | undefined, id: string): Promise<GroupView>;
  /** Creates a group, or replaces its name. */
  putGroup(tenant: string | undefined, id: string, input: { readonly name?: string }): Promise<GroupView>;
  deleteGroup(tenant: string | undefined, id: string): Promise<void>;
  members(tenant: string | undefined, group: string, page: PageOf): Promise<List<MemberView>>;
  join(
    tenant: string | undefined,
    group: string,
    member: { readonly user: string; readonly channels?: readonly string[] },
  ): Promise<JoinChange>;
  leave(tenant: string | undefined, group: string, user: string): Promise<JoinChange>;
  importMembers(tenant: string | undefined, group: string, upload: ListUpload, onProgress: OnProgress): Promise<Imported>;
}

/** A key of tokens to add: either `publicKey`, in PEM, or `jwksUrl`. */
export interface TokenKeyGiven {
  readonly alg: string;
  readonly kid?: string;
  readonly publicKey?: string;
  readonly jwksUrl?: string;
}

/** Tenants, their keys, and the log of administrative changes. Every method rejects NOT_FOUND for an unknown tenant or key. */
export interface TenantAdministration extends OwnProviderAdministration, OwnWebhookAdministration {
  list(): Promise<readonly TenantView[]>;
  create(input: { readonly id: string; readonly name?: string }): Promise<TenantView>;
  change(id: string, change: { readonly name?: string; readonly status?: "active" | "suspended" }): Promise<TenantView>;
  delete(id: string): Promise<void>;
  settings(id: string): Promise<SettingsView>;
  /** `change`: a merge patch (RFC 7396). */
  changeSettings(id: string, change: object): Promise<SettingsView>;
  /** Newest first. */
  keys(id: string): Promise<readonly KeyView[]>;
  /** `expiresAt`: ISO 8601. */
  createKey(
    id: string,
    input: { readonly scopes: readonly string[]; readonly name?: string; readonly test?: boolean; readonly expiresAt?: string },
  ): Promise<IssuedKey>;
  rotateKey(id: string, key: string, rotation: { readonly overlapMs: number }): Promise<IssuedKey>;
  revokeKey(id: string, key: string): Promise<void>;
  /** Newest first. */
  tokenKeys(id: string): Promise<readonly TokenKeyView[]>;
  addTokenKey(id: string, input: TokenKeyGiven): Promise<TokenKeyView>;
  removeTokenKey(id: string, kid: string): Promise<void>;
  /** Latest first. Without a tenant: all that the caller may see. */
  audit(tenant: string | undefined, limit: number): Promise<readonly AuditView[]>;
}

export interface PageQuestion<Name extends CollectionName> {
  readonly collection: Name;
  /** A MongoDB filter in extended JSON. */
  readonly filter: string | undefined;
  /** Continues after this cursor. */
  readonly after: string | undefined;
  /** Excludes documents accepted (or begun) later. */
  readonly before: Date;
  /** Whether messages include their steps. */
  readonly lineage: boolean;
}

export interface Analysis {
  summarize(parameters: Readonly<Record<string, string>>): Promise<Summary>;
  usage(parameters: Readonly<Record<string, string>>): Promise<Usage>;
  /** Undefined if counting takes too long. Rejects FILTER_REFUSED. */
  count(collection: CollectionName, filter: string | undefined): Promise<number | undefined>;
  pages<Name extends CollectionName>(question: PageQuestion<Name>): AsyncGenerator<ExportPage<Name>>;
  /** Counts all messages again. Resolves with their number. */
  rebuild(onProgress: OnProgress): Promise<number>;
}

export interface ErasureReport {
  readonly erased: Erasure;
  /** ISO 8601. */
  readonly at: string;
  readonly retentionMs: number;
  readonly deadLetterRetentionMs: number;
}

export interface Privacy {
  /** Number of messages that name the recipient. */
  count(recipient: RecipientQuestion): Promise<number>;
  erase(request: Omit<ErasureRequest, "onProgress">, onProgress: OnProgress): Promise<ErasureReport>;
  encryption(): Promise<EncryptionView>;
  rewrap(onProgress: OnProgress): Promise<Rewrapped>;
}

/** The operations of commands on a Carillon: on its stores on this machine, or on its server over HTTP. */
export interface Deployment {
  readonly messages: Messages;
  readonly queues: Queues;
  readonly letters: Letters;
  readonly providers: Providers;
  readonly webhooks: TenantWebhooks;
  readonly tenants: TenantAdministration;
  readonly directory: DirectoryAdministration;
  readonly analysis: Analysis;
  readonly privacy: Privacy;
  /** Milliseconds between two checks of a message that the command waits for. */
  readonly lookEveryMs: number;
  /**
   * The place of messages that no process currently delivers, as far as the command can determine; undefined if one does, or if that is
   * unknown.
   */
  unservedAt(): string | undefined;
  close(): Promise<void>;
}
