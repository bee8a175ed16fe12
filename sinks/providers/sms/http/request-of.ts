import type { Template } from "liquidjs";
import { createTemplateEngine } from "../../../../processors/template-engine.js";
import { messageOf } from "../../../../schemas/errors.js";
import type { DispatchCommand } from "../../../../schemas/generated.js";
import { basicAuthorization } from "../../../../wire/basic-authorization.js";
import { smsAddressesOf } from "../sms-addresses.js";
import { treeOfFields } from "./json-path.js";
import { fieldsWithAuth, type HttpOptions } from "./options.js";

export const authorization = ({ auth }: HttpOptions): Readonly<Record<string, string>> => {
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

const variablesOf = (command: DispatchCommand, token: string) => {
  const { content, messageId, attempt, tenant, metadata } = command;
  const { to, from } = smsAddressesOf(command);
  return {
    to,
    from: from ?? "",
    text: content.text ?? "",
    messageId,
    attempt: String(attempt),
    tenant,
    metadata,
    token,
  };
};

export interface BuiltRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const strings = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** Builds the requests that the configuration describes. */
export const createRequests = (settings: HttpOptions) => {
  const liquid = createTemplateEngine({ singleValue: true });
  const url = liquid.parse(settings.url);
  const statusUrl = liquid.parse(settings.status?.url ?? "");
  const fields = Object.entries(settings.fields).map(([name, value]) => ({
    name,
    value: typeof value === "string" ? liquid.parse(value) : value,
  }));
  const render = (key: string, template: Template[], variables: object): string => {
    try {
      return String(liquid.renderSync(template, variables));
    } catch (error) {
      throw new Error(`${key}: ${messageOf(error)}`, { cause: error });
    }
  };
  const valuesOf = (variables: object): Readonly<Record<string, unknown>> => {
    const rendered = fields.map(
      ({ name, value }) => [name, Array.isArray(value) ? render(`fields.${name}`, value, variables) : value] as const,
    );
    return fieldsWithAuth(settings, Object.fromEntries(rendered));
  };
  return {
    /** The request for a message. Throws if the message lacks a value that the templates need. */
    send: (command: DispatchCommand, token: string): BuiltRequest => {
      const variables = variablesOf(command, token);
      const values = valuesOf(variables);
      const address = new URL(render("url", url, variables));
      const { method, format } = settings;
      const headers = { accept: "application/json", ...authorization(settings) };
      if (format === "query" || method === "GET") {
        for (const [name, value] of Object.entries(strings(values))) address.searchParams.set(name, value);
        return { url: address.href, method, body: null, headers };
      }
      const form = format === "form";
      return {
        url: address.href,
        method,
        body: form ? new URLSearchParams(strings(values)).toString() : JSON.stringify(treeOfFields(values)),
        headers: { ...headers, "content-type": form ? "application/x-www-form-urlencoded" : "application/json" },
      };
    },
    /** The request that queries the state of a message. */
    status: (providerMessageId: string): BuiltRequest => ({
      url: render("status.url", statusUrl, { id: encodeURIComponent(providerMessageId) }),
      method: "GET",
      headers: authorization(settings),
      body: null,
    }),
  };
};
