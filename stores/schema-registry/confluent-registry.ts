import { SchemaRegistry as ConfluentClient, SchemaType } from "@kafkajs/confluent-schema-registry";
import type { SchemaRegistry } from "../../schemas/codec.js";
import { CarillonError, messageOf, unavailable } from "../../schemas/errors.js";

export interface ConfluentRegistryOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const statusOf = (thrown: unknown): number | undefined => {
  const status = (thrown as { status?: unknown } | null)?.status;
  return typeof status === "number" ? status : undefined;
};

/** A registry server that speaks Confluent's API. */
export const createConfluentRegistry = (options: ConfluentRegistryOptions): SchemaRegistry => {
  const { username, password } = options;
  const client = new ConfluentClient({
    host: options.url,
    retry: { retries: 3, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 2 },
    ...(username && password ? { auth: { username, password } } : {}),
  });
  return {
    register: async (subject, schema) => {
      try {
        const { id } = await client.register({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }, { subject });
        return id;
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
