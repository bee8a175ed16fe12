import {
  type API,
  type Broker,
  type Connection,
  type Consumer,
  kGetApi,
  kGetBootstrapConnection,
  kGetConnection,
} from "@platformatic/kafka";

type AnyApi = API<never[], unknown>;

/** The library's calls, as promises. */
const asked = <T>(ask: (callback: (error: Error | null, found?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => ask((error, found) => (found === undefined ? reject(error) : resolve(found))));

/** One call of Kafka's protocol on a connection of the client's own, past what the client would make of the answer. */
export const callProtocol = async <Api, Answer>(
  client: Consumer,
  broker: Broker | "any",
  name: string,
  question: (api: Api, connection: Connection) => Promise<Answer>,
): Promise<Answer> => {
  const api = await asked<AnyApi>((callback) => client[kGetApi](name, callback));
  const connection = await asked<Connection>((callback) =>
    broker === "any" ? client[kGetBootstrapConnection](callback) : client[kGetConnection](broker, callback),
  );
  return question(api as unknown as Api, connection);
};
