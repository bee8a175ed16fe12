import { Agent } from "node:https";
import { SchemaRegistry as ConfluentClient, SchemaType } from "@kafkajs/confluent-schema-registry";
import type { SchemaRegistry } from "../../schemas/codec.js";
import { CarillonError, messageOf, unavailable } from "../../schemas/errors.js";
import type { TlsOptions } from "../wire/tls.js";

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

const raceTries = 8;

/**
 * Two processes that register the same subject at the same time: the one that came second meets a rule that exists
 * already, or a subject that has no rule yet. It tries again and finds both there.
 */
const isRace = (thrown: unknown): boolean =>
  (statusOf(thrown) === 409 && /already exists/i.test(messageOf(thrown))) || /compatibility does not match/i.test(messageOf(thrown));

/** A registry server that speaks Confluent's API. */
export const createConfluentRegistry = (options: ConfluentRegistryOptions): SchemaRegistry => {
  const { username, password, tls } = options;
  const client = new ConfluentClient({
    host: options.url,
    retry: { retries: 3, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 2 },
    ...(username && password ? { auth: { username, password } } : {}),
    ...(tls ? { agent: new Agent({ ...tls, keepAlive: true }) } : {}),
  });
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
  return {
    register: async (subject, schema) => {
      try {
        return await registerOnce(subject, schema);
      } catch (error) {
        if (statusOf(error) === 409 || /incompatible/i.test(messageOf(error))) {
          throw new CarillonError("INCOMPATIBLE_SCHEMA", `${subject}: ${messageOf(error)}`, {
            cause: error,
            fix: "give each added field a default",
          });
        }
        throw unavailable(`schema registry at ${options.url}`, error);
      }
    },
    schema: async (id) => {
      try {
        const found = await client.getSchema(id);
        return JSON.parse(JSON.stringify(found)) as object;
      } catch (error) {
        if (statusOf(error) === 404 || /not found/i.test(messageOf(error))) {
          throw new CarillonError("UNKNOWN_SCHEMA", `the registry has no schema of the id ${id}`, {
            cause: error,
            fix: "register the writer's schema first",
          });
        }
        throw unavailable(`schema registry at ${options.url}`, error);
      }
    },
    close: async () => undefined,
  };
};
