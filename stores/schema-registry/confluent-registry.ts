import { Agent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { SchemaRegistry as ConfluentClient, SchemaType } from "@kafkajs/confluent-schema-registry";
import type { SchemaRegistry } from "../../schemas/codec.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { withSymbolsOf } from "../../schemas/open-enums.js";
import type { TlsOptions } from "../../wire/tls.js";

export interface ConfluentRegistryOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

const statusOf = (thrown: unknown): number | undefined => {
  const status = (thrown as { status?: unknown } | null)?.status;
  return typeof status === "number" ? status : undefined;
};

/** The library's name for an answer that does not come from a registry. It reports a connection error as status 400. */
const withoutRegistryWords = /^Error, status (\d+)(?:: ([\s\S]*))?$/;
const connectionWords = /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|socket|certificate|SSL|TLS|network|timeout/i;

/** The address without an account, for errors. */
const placeOf = (address: string): string => {
  if (!URL.canParse(address)) return "an address that is not a URL";
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`.replace(/\/$/, "");
};

/** The error in the words of the registry or of the connection. */
export const registryTrouble = (thrown: unknown): string => {
  const words = messageOf(thrown).replace(/^Confluent_Schema_Registry - /, "");
  const [, status, rest = ""] = withoutRegistryWords.exec(words) ?? [];
  if (status === undefined) return words;
  if (status === "400" && connectionWords.test(rest)) return rest;
  if (status === "400" && rest === "") return "it is unreachable";
  const answer = rest === "[object Object]" ? "" : rest.replaceAll(/\s+/g, " ").slice(0, 200);
  return `it returned status ${status}${answer === "" ? "" : `: ${answer}`}`;
};

const isUnknown = (thrown: unknown): boolean => statusOf(thrown) === 404 && !registryTrouble(thrown).startsWith("it returned status");

/** The answer was a schema, but not valid Avro. A page from another server would contain no schema at all. */
const isUnusable = (thrown: unknown): boolean =>
  statusOf(thrown) === undefined &&
  thrown instanceof Error &&
  /^ConfluentSchemaRegistry/.test(thrown.name) &&
  !/of undefined/.test(thrown.message);

/** A registry that accepts connections and never answers counts as unavailable. */
const answerWithinMs = 10_000;

const withinDeadline = async <T>(question: Promise<T>): Promise<T> => {
  let expiry: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    expiry = setTimeout(() => reject(new Error(`no response within ${answerWithinMs / 1_000} s`)), answerWithinMs);
  });
  return Promise.race([question, silence]).finally(() => clearTimeout(expiry));
};

const raceTries = 8;

/**
 * Two processes register the same subject at the same time. The second finds that a rule exists already, or that the subject has no rule
 * yet. Its retry finds both.
 */
const isRace = (thrown: unknown): boolean =>
  (statusOf(thrown) === 409 && /already exists/i.test(messageOf(thrown))) || /compatibility does not match/i.test(messageOf(thrown));

const connect = ({ url, username, password, tls }: ConfluentRegistryOptions): { client: ConfluentClient; agent: Agent } => {
  const agent = url.startsWith("https:") ? new HttpsAgent({ ...tls, keepAlive: true }) : new Agent({ keepAlive: true });
  const client = new ConfluentClient({
    host: url,
    agent,
    retry: { retries: 3, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 2 },
    ...(username && password ? { auth: { username, password } } : {}),
  });
  return { client, agent };
};

const isIncompatible = (thrown: unknown): boolean => statusOf(thrown) === 409 || /incompatible/i.test(messageOf(thrown));

const incompatible = (subject: string, thrown: unknown, isLater: boolean): CarillonError =>
  new CarillonError("INCOMPATIBLE_SCHEMA", `${subject}: ${registryTrouble(thrown)}`, {
    cause: thrown,
    fix: isLater
      ? `a later version has registered its schema, and this one has never run here: set the compatibility of ${subject} to NONE while it starts for the first time`
      : "give each added field a default",
  });

/** The error if the registry has no usable schema with the id; undefined if the request failed in another way. */
const unreadable = (id: number, thrown: unknown): CarillonError | undefined => {
  if (isUnusable(thrown))
    return new CarillonError("WRONG_TYPE", `schema ${id} of the registry is not valid Avro: ${messageOf(thrown)}`, { cause: thrown });
  if (isUnknown(thrown))
    return new CarillonError("UNKNOWN_SCHEMA", `the registry has no schema with the id ${id}`, {
      cause: thrown,
      fix: "register the writer's schema first",
    });
  return undefined;
};

/** A registry server with Confluent's API. */
export const createConfluentRegistry = (options: ConfluentRegistryOptions): SchemaRegistry => {
  let { client, agent } = connect(options);
  /** A kept-alive connection may lead to a server that has vanished, so the next request opens new connections. */
  const renew = (): void => {
    agent.destroy();
    ({ client, agent } = connect(options));
  };
  const away = (error: unknown): CarillonError => {
    if (error instanceof CarillonError) return error;
    renew();
    const trouble = `the schema registry at ${placeOf(options.url)} is unavailable: ${registryTrouble(error)}`;
    return new CarillonError("UNAVAILABLE", trouble, { cause: error });
  };
  const registerOnce = async (subject: string, schema: object): Promise<number> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return (await client.register({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }, { subject })).id;
      } catch (error) {
        if (!isRace(error) || tries >= raceTries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50 * tries * (1 + Math.random())));
      }
    }
  };
  /** Whether the subject's latest schema has enum symbols that this one lacks, because a later version registered it. */
  const isOfLaterVersion = async (subject: string, schema: object): Promise<boolean> => {
    try {
      const latest = await client.getSchema(await client.getLatestSchemaId(subject));
      return withSymbolsOf(JSON.parse(JSON.stringify(latest)) as object, schema) !== undefined;
    } catch {
      return false; // the refusal itself is reported either way
    }
  };
  return {
    register: async (subject, schema) => {
      try {
        return await withinDeadline(registerOnce(subject, schema));
      } catch (error) {
        if (!isIncompatible(error)) throw away(error);
        throw incompatible(subject, error, await withinDeadline(isOfLaterVersion(subject, schema)).catch(() => false));
      }
    },
    schema: async (id) => {
      try {
        const found = await withinDeadline(client.getSchema(id));
        return JSON.parse(JSON.stringify(found)) as object;
      } catch (error) {
        throw unreadable(id, error) ?? away(error);
      }
    },
    close: async () => agent.destroy(),
  };
};
