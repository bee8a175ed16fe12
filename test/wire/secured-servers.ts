import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type TlsOptions, tlsOptionsOf } from "../../wire/tls.js";
import { type Certificates, makeCertificates } from "../servers/certificates.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { mongoWith } from "../servers/mongo.js";
import { folderOf } from "../servers/provision.js";
import { leastRights, startSecureRedis } from "../servers/redis.js";
import { startGuardedProxy } from "../support/guarded-proxy.js";
import { scratchFolder } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { startTokenServer } from "../support/token-server.js";

export const account = { username: "carillon", password: "carillon-secret" };
export const tokens = { clientId: "carillon", secret: "token-secret" };
export const redisPrefix = "wire";

/** Addresses of the servers, a folder for files, and the certificates that the servers trust. */
export interface SecuredServers {
  readonly folder: string;
  readonly broker: string;
  readonly redisUrl: string;
  readonly mongoUrl: string;
  readonly registryUrl: string;
  readonly tokenUrl: string;
  readonly certificates: Certificates;
  readonly tls: () => TlsOptions;
  /** A client certificate signed by no authority that the servers trust. */
  readonly foreignTls: () => TlsOptions;
  /** An authority that does not vouch for the servers. */
  readonly distrustfulTls: () => TlsOptions;
}

const tlsOf = (given: Certificates): TlsOptions => tlsOptionsOf({ enabled: true, serverName: null, ...given }) ?? {};

/** Registers the hooks that start and stop the servers, which accept only encrypted connections, with a client certificate and an account. */
export const setUpSecuredServers = (): SecuredServers => {
  const folder = scratchFolder();
  const stops: (() => Promise<unknown>)[] = [];
  const addresses = { broker: "", redisUrl: "", mongoUrl: "", registryUrl: "", tokenUrl: "" };
  let certificates: Certificates;
  let stranger: Certificates;

  beforeAll(async () => {
    certificates = await makeCertificates(join(folder.path, "certificates"));
    stranger = await makeCertificates(join(folder.path, "stranger"));
    const tokenServer = await startTokenServer(tokens, "kafka");
    stops.push(tokenServer.stop);
    addresses.tokenUrl = tokenServer.tokenUrl;
    const security = { certificates, accounts: [account], tokens: { keysUrl: tokenServer.keysUrl, audience: "kafka" } };
    const mongo = mongoWith(certificates);
    const [[kafkaServer], redis, mongoServer, registry] = await Promise.all([
      startBrokers(folderOf(kafka), join(folder.path, "kafka"), 1, { javaOptions: ["-Xmx512m"], security }),
      startSecureRedis(join(folder.path, "redis"), certificates, account, leastRights(redisPrefix)),
      mongo.start(folderOf(mongo), join(folder.path, "mongo")),
      startGuardedProxy(serverAddress("REGISTRY"), certificates, account),
    ]);
    if (!kafkaServer) throw new Error("no broker");
    stops.push(kafkaServer.stop, redis.stop, mongoServer.stop, registry.stop);
    addresses.broker = kafkaServer.address;
    addresses.redisUrl = redis.address;
    addresses.mongoUrl = mongoServer.address;
    addresses.registryUrl = registry.url;
  });

  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
    folder.remove();
  });

  return {
    folder: folder.path,
    get broker() {
      return addresses.broker;
    },
    get redisUrl() {
      return addresses.redisUrl;
    },
    get mongoUrl() {
      return addresses.mongoUrl;
    },
    get registryUrl() {
      return addresses.registryUrl;
    },
    get tokenUrl() {
      return addresses.tokenUrl;
    },
    get certificates() {
      return certificates;
    },
    tls: () => tlsOf(certificates),
    foreignTls: () => tlsOf({ ...stranger, caFile: certificates.caFile }),
    distrustfulTls: () => tlsOf({ ...certificates, caFile: stranger.caFile }),
  };
};
