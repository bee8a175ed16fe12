import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Certificates } from "./certificates.js";
import { installPostgres, password, startPostgres } from "./postgres.js";
import { loopback, runServer, type ServerKind } from "./server.js";
import { exists, freePort, runCommand, startDaemon, waitForPort } from "./shell.js";

const version = "v2.7.0";

/** FerretDB, which implements MongoDB's protocol, built from its Go module. */
const buildFerret = async (folder: string): Promise<void> => {
  const binary = join(folder, `ferretdb-${version}`);
  if (await exists(binary)) return;
  const source = join(folder, "source");
  await mkdir(source, { recursive: true });
  const found = await runCommand("go", ["mod", "download", "-json", `github.com/FerretDB/FerretDB/v2@${version}`], { cwd: source });
  const { Dir: module } = JSON.parse(found.slice(found.indexOf("{"))) as { Dir: string };
  await cp(module, source, { recursive: true });
  await runCommand("chmod", ["-R", "u+w", source]);
  await writeFile(join(source, "build/version/version.txt"), version);
  await runCommand("go", ["build", "-mod=mod", "-trimpath", "-o", `${binary}.new`, "./cmd/ferretdb"], {
    cwd: source,
    env: { CGO_ENABLED: "0", GOTOOLCHAIN: "local" },
  });
  await runCommand("mv", [`${binary}.new`, binary]);
};

/** Clients must present a certificate from the same authority. */
const listenArguments = (address: string, certificates: Certificates | undefined): string[] => {
  if (!certificates) return [`--listen-addr=${address}`];
  const { caFile, certFile, keyFile } = certificates;
  const files = [`--listen-tls-cert-file=${certFile}`, `--listen-tls-key-file=${keyFile}`, `--listen-tls-ca-file=${caFile}`];
  return ["--listen-addr=", `--listen-tls=${address}`, ...files];
};

/**
 * A MongoDB-compatible server: FerretDB on PostgreSQL with DocumentDB (no MongoDB package is available). With certificates it accepts only
 * encrypted connections.
 */
export const mongoWith = (certificates?: Certificates): ServerKind => ({
  name: "MongoDB-compatible server",
  variable: "CARILLON_TEST_MONGO",
  install: async (folder) => {
    await Promise.all([installPostgres(join(folder, "chroot")), buildFerret(folder)]);
  },
  start: async (folder, data, host = loopback) => {
    await mkdir(join(data, "state"), { recursive: true });
    const [postgresPort, port] = [await freePort(), await freePort(host)];
    const database = await startPostgres(join(folder, "chroot"), postgresPort);
    const log = join(data, "ferretdb.log");
    const args = [
      `--postgresql-url=postgres://postgres:${password}@127.0.0.1:${postgresPort}/postgres`,
      ...listenArguments(`${host}:${port}`, certificates),
      "--debug-addr=-",
      `--state-dir=${join(data, "state")}`,
      "--telemetry=disable",
      "--log-level=error",
    ];
    const server = await runServer(`mongodb://postgres:${password}@${host}:${port}/`, async () => {
      const daemon = startDaemon(join(folder, `ferretdb-${version}`), args, log);
      await waitForPort("FerretDB", port, 30_000, log, host);
      return daemon;
    });
    return {
      ...server,
      signal: async (name) => {
        await server.signal(name);
        if (name === "SIGKILL") await database.kill();
      },
      revive: async () => {
        await database.start();
        await server.revive();
      },
      stop: async () => {
        await server.stop();
        await database.kill();
        await database.remove();
      },
    };
  },
});

export const mongo = mongoWith();
