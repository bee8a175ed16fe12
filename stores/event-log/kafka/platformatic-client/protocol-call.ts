import { type API, type Broker, type Connection, type Consumer, kGetApi, kGetConnection } from "@platformatic/kafka";

type AnyApi = API<never[], unknown>;

/** One call of Kafka's protocol on a connection of the client's own, past what the client would make of the answer. */
export const callProtocol = async <Api, Answer>(
  client: Consumer,
  broker: Broker,
  name: string,
  question: (api: Api, connection: Connection) => Promise<Answer>,
): Promise<Answer> => {
  const api = await new Promise<AnyApi>((resolve, reject) => {
    client[kGetApi](name, (error: Error | null, found?: AnyApi) => (found ? resolve(found) : reject(error)));
  });
  const connection = await new Promise<Connection>((resolve, reject) => {
    client[kGetConnection](broker, (error: Error | null, found?: Connection) => (found ? resolve(found) : reject(error)));
  });
  return question(api as unknown as Api, connection);
};
