import { Liquid } from "liquidjs";
import { z } from "zod";
import { secret } from "../../../config/keys.js";
import type { Report, SendOutcome } from "../../../processors/provider.js";
import { basicAuthorization } from "../../../schemas/basic-authorization.js";
import type { DispatchCommand } from "../../../schemas/generated.js";
import { isReason, type Reason, reasons } from "../../../schemas/reasons.js";
import { fieldsOf, instantOf, requireField } from "../callback-fields.js";
import { defineProvider, type FailureMeaning } from "../definition.js";
import { httpStatuses } from "../failure-outcome.js";
import { callHttp, checkHttp, type HttpAnswer, sendByHttp } from "../http-call.js";
import { type ReceiptTable, reportOf } from "../receipt-table.js";

const reason = z
  .string()
  .refine((text): text is Reason => isReason(text), `is not a reason: give one of ${Object.keys(reasons).join(", ")}`);
const failure = z.strictObject({ kind: z.enum(["permanent_failure", "temporary_failure", "throttled", "ambiguous"]), reason });
const state = z.strictObject({
  event: z.enum(["accepted", "delayed", "delivered", "permanent_failure", "temporary_failure"]),
  reason: reason.optional(),
});

const fieldPath = z.string().min(1);

const options = z.strictObject({
  url: z.string().default("").describe("address, a Liquid template: https://sms.example.com/send"),
  method: z.enum(["GET", "POST", "PUT"]).default("POST").describe("method"),
  format: z.enum(["json", "form", "query"]).default("json").describe("how the fields are sent"),
  fields: z
    .record(z.string(), z.string())
    .default({})
    .describe("fields, each a Liquid template of to, from, text, messageId, attempt, token, tenant, metadata; a dot makes an inner field"),
  auth: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("basic"), username: z.string(), password: secret }),
      z.strictObject({ kind: z.literal("bearer"), token: secret }),
      z.strictObject({ kind: z.literal("header"), header: z.string().min(1), secret }),
      z.strictObject({ kind: z.literal("field"), field: z.string().min(1), secret }),
    ])
    .nullable()
    .default(null)
    .describe("{ kind: basic, bearer, header or field, … }; null: none"),
  answer: z
    .strictObject({
      id: fieldPath
        .nullable()
        .default("id")
        .describe("path of the message's id in the answer, such as data.0.id; null: the answer is plain text, the id"),
      code: fieldPath.nullable().default(null).describe("path of the provider's own code"),
      okCodes: z.array(z.string()).default([]).describe("codes that mean success; none given: every 2xx does"),
      errors: z.record(z.string(), failure).default({}).describe("what its other codes mean: { kind, reason }"),
    })
    .prefault({})
    .describe("how an answer is read"),
  receipt: z
    .strictObject({
      id: z.string().default("id").describe("field of a callback that holds the message's id"),
      state: z.string().default("status").describe("field that holds its state"),
      detail: z.string().nullable().default(null).describe("field that holds the provider's own words"),
      at: z.string().nullable().default(null).describe("field that holds the time"),
      states: z.record(z.string(), state).default({}).describe("what the states mean: { event, reason }"),
    })
    .nullable()
    .default(null)
    .describe("how callbacks are read; null: none come, and its acceptance counts as delivery"),
  status: z
    .strictObject({
      url: z.string().min(1).describe("address, a Liquid template of id"),
      state: fieldPath.default("status").describe("path of the state in the answer"),
      detail: fieldPath.nullable().default(null).describe("path of the provider's own words"),
    })
    .nullable()
    .default(null)
    .describe("where it can be asked for a message; states mean what `receipt.states` says"),
});

type Options = z.output<typeof options>;

/** A value within JSON by a path of names and numbers. */
const valueAt = (json: unknown, path: string): string | undefined => {
  let value: unknown = json;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
};

const nested = (flat: Readonly<Record<string, string>>): Record<string, unknown> => {
  const tree: Record<string, unknown> = Object.create(null);
  for (const [path, value] of Object.entries(flat)) {
    const names = path.split(".");
    let under = tree;
    for (const name of names.slice(0, -1)) {
      under[name] ??= Object.create(null);
      under = under[name] as Record<string, unknown>;
    }
    under[names.at(-1) ?? path] = value;
  }
  return tree;
};

const authorization = ({ auth }: Options): Readonly<Record<string, string>> => {
  switch (auth?.kind) {
    case "basic":
      return { authorization: basicAuthorization(auth.username, auth.password) };
    case "bearer":
      return { authorization: `Bearer ${auth.token}` };
    case "header":
      return { [auth.header]: auth.secret };
    default:
      return {};
  }
};

const readAnswer = (answer: HttpAnswer, { answer: how, receipt }: Options): SendOutcome | undefined => {
  const code = how.code ? valueAt(answer.json, how.code) : undefined;
  const meaning: FailureMeaning | undefined = code === undefined ? undefined : how.errors[code];
  const detail = `${answer.status} ${code ?? ""} ${answer.text.slice(0, 200)}`.trim();
  if (meaning) return { ...meaning, detail, ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }) };
  if (!answer.ok) return undefined;
  if (code !== undefined && how.okCodes.length > 0 && !how.okCodes.includes(code))
    return { kind: "permanent_failure", reason: "content_rejected", detail };
  const responseId = how.id === null ? answer.text.trim().slice(0, 200) : valueAt(answer.json, how.id);
  if (!receipt) return { kind: "delivered", responseId: responseId ?? null, detail };
  if (responseId) return { kind: "accepted", responseId };
  return { kind: "ambiguous", reason: "provider_unavailable", detail: `${detail}: there is no ${how.id} in the answer` };
};

const statesOf = ({ receipt }: Options): ReceiptTable => ({
  source: "the configuration",
  meanings: Object.fromEntries(
    Object.entries(receipt?.states ?? {}).map(([word, { event, reason: why }]) => [word, { event, ...(why ? { reason: why } : {}) }]),
  ),
});

const variablesOf = ({ to, from, content, messageId, attempt, tenant, metadata }: DispatchCommand, token: string) => ({
  to,
  from: from ?? "",
  text: content.text ?? "",
  messageId,
  attempt: String(attempt),
  tenant,
  metadata,
  token,
});

/** Any SMS provider with an HTTP API, described by configuration: no code. */
export const httpSms = defineProvider({
  type: "http",
  doc: "any SMS provider with an HTTP API, described here: no code",
  channels: ["sms"],
  options,
  missing: ({ url }) => (url === "" ? ["url: the http provider needs it"] : []),
  errors: [httpStatuses],
  create: async ({ name, channel }, settings) => {
    const liquid = new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true });
    const url = liquid.parse(settings.url);
    const fields = Object.entries(settings.fields).map(([field, template]) => ({ field, template: liquid.parse(template) }));
    const statusUrl = settings.status ? liquid.parse(settings.status.url) : undefined;
    const render = async (variables: object): Promise<Readonly<Record<string, string>>> => ({
      ...Object.fromEntries(
        await Promise.all(fields.map(async ({ field, template }) => [field, String(await liquid.render(template, variables))] as const)),
      ),
      ...(settings.auth?.kind === "field" ? { [settings.auth.field]: settings.auth.secret } : {}),
    });
    const callOf = async (variables: object): Promise<{ url: string; body: string | null; headers: Record<string, string> }> => {
      const values = await render(variables);
      const address = new URL(String(await liquid.render(url, variables)));
      const headers = { accept: "application/json", ...authorization(settings) };
      if (settings.format === "query" || settings.method === "GET") {
        for (const [field, value] of Object.entries(values)) address.searchParams.set(field, value);
        return { url: address.href, body: null, headers };
      }
      const form = settings.format === "form";
      return {
        url: address.href,
        body: form ? new URLSearchParams(values).toString() : JSON.stringify(nested(values)),
        headers: { ...headers, "content-type": form ? "application/x-www-form-urlencoded" : "application/json" },
      };
    };
    const ask = async (responseId: string, how: NonNullable<Options["status"]>, signal: AbortSignal): Promise<Report[]> => {
      const address = String(await liquid.render(statusUrl ?? [], { id: encodeURIComponent(responseId) }));
      const answer = await callHttp({ url: address, method: "GET", headers: authorization(settings), body: null, signal });
      if (!answer.ok) throw new Error(`${name} does not tell what became of ${responseId}: ${answer.status}`);
      const word = valueAt(answer.json, how.state);
      const detail = how.detail ? valueAt(answer.json, how.detail) : undefined;
      return word ? [reportOf(statesOf(settings), word, { responseId, ...(detail ? { detail } : {}) })] : [];
    };
    const { status } = settings;
    return {
      name,
      channel,
      send: async (command, { signal, note, idempotencyToken }) => {
        const call = await callOf(variablesOf(command, idempotencyToken));
        return sendByHttp({ ...call, method: settings.method, signal, note }, (answer) => readAnswer(answer, settings));
      },
      ...(status
        ? {
            pull: {
              mostIds: 20,
              ask: async (ids: readonly string[], signal: AbortSignal) =>
                (await Promise.all(ids.map((id) => ask(id, status, signal)))).flat(),
            },
          }
        : {}),
      check: () =>
        checkHttp(name, { url: new URL(settings.url.replace(/\{\{.*?\}\}/g, "")).origin, method: "HEAD", headers: {}, body: null }),
      close: async () => undefined,
    };
  },
  callbacks: {
    read: (request, settings) => {
      const fields = fieldsOf(request);
      const how = settings.receipt ?? { id: "id", state: "status", detail: null, at: null };
      const detail = how.detail ? fields[how.detail] : undefined;
      const atMs = instantOf(how.at ? fields[how.at] : undefined);
      return [
        reportOf(statesOf(settings), requireField(fields, how.state), {
          responseId: requireField(fields, how.id),
          ...(detail ? { detail } : {}),
          ...(atMs ? { atMs } : {}),
        }),
      ];
    },
  },
});
