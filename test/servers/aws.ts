import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loopback, runServer, type ServerKind } from "./server.js";
import { answersHttp, exists, freePort, runCommand, startDaemon, waitUntil } from "./shell.js";

/** It does not start without these pins. */
const packages = ["localstack-core[runtime]==4.12.0", "cbor2<5.8", "pyopenssl<25.2", "cryptography<46", "service_identity<25"];

/** LocalStack on the host: SES v1, SNS, SQS and CloudWatch Logs. */
export const aws: ServerKind = {
  name: "AWS endpoint",
  variable: "CARILLON_TEST_AWS",
  install: async (folder) => {
    const marker = join(folder, "installed-4.12.0");
    if (await exists(marker)) return;
    await runCommand("python3", ["-m", "venv", join(folder, "venv")]);
    await runCommand(join(folder, "venv/bin/pip"), ["install", "-q", ...packages], { timeoutMs: 900_000 });
    await writeFile(marker, "");
  },
  start: async (folder, data, host = loopback) => {
    const port = await freePort(host);
    const address = `${host}:${port}`;
    for (const name of ["cache", "volume", "files"]) await mkdir(join(data, name), { recursive: true });
    const log = join(data, "localstack.log");
    const env = {
      XDG_CACHE_HOME: join(data, "cache"),
      LOCALSTACK_VOLUME_DIR: join(data, "volume"),
      FILESYSTEM_ROOT: join(data, "files"),
      GATEWAY_SERVER: "hypercorn", // the default server listens on all addresses
      GATEWAY_LISTEN: address,
      LOCALSTACK_HOST: address,
      SQS_ENDPOINT_STRATEGY: "path",
      SERVICES: "ses,sns,sqs,logs",
      DISABLE_EVENTS: "1",
      SKIP_SSL_CERT_DOWNLOAD: "1",
      DNS_ADDRESS: "0",
      EAGER_SERVICE_LOADING: "0",
    };
    return runServer(`http://${address}`, async () => {
      const daemon = startDaemon(join(folder, "venv/bin/python"), ["-m", "localstack.runtime.main"], log, { cwd: data, env });
      await waitUntil("AWS endpoint", () => answersHttp(`http://${address}/_localstack/health`), 120_000, log);
      return daemon;
    });
  },
};
