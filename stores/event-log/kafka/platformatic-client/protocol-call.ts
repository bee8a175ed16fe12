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

/** Converts the library's callbacks to promises. */
const asked = <T>(ask: (callback: (error: Error | null, found?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => ask((error, found) => (found === undefined ? reject(error) : resolve(found))));

/** Makes one Kafka protocol request on the client's own connection, bypassing the client's handling of the response. */
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
