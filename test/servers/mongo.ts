import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Certificates } from "./certificates.js";
import { loopback, runServer, type ServerKind } from "./server.js";
import { aptInstall, exists, freePort, hasCommand, runCommand, startDaemon, waitForPort } from "./shell.js";

const version = "v2.7.0";
const suite = "forky";
const postgres = "/usr/lib/postgresql/18/bin";
const password = "throwaway";

const debianMirror = async (): Promise<string> => {
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...(await readdir(folder).catch(() => [])).map((name) => join(folder, name))];
  for (const file of files) {
    const match = /(https?:\/\/[^ \n]+\/debian)\/?(?:[ \n]|$)/.exec(await readFile(file, "utf8").catch(() => ""));
    if (match?.[1]) return match[1];
  }
  throw new Error("no Debian mirror in apt's sources: name a MongoDB server in CARILLON_TEST_MONGO");
};

/** PostgreSQL 18 with DocumentDB, in a folder with Debian's next release (the current one's packages are too old). */
const installPostgres = async (chroot: string): Promise<void> => {
  if (await exists(`${chroot}.ok`)) return;
  if (!(await hasCommand("debootstrap"))) await aptInstall("debootstrap");
  await rm(chroot, { recursive: true, force: true });
  const script = "/usr/share/debootstrap/scripts/sid";
  await runCommand("debootstrap", ["--variant=minbase", "--include=ca-certificates", suite, chroot, await debianMirror(), script]);
  await writeFile(join(chroot, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n");
  await chmod(join(chroot, "usr/sbin/policy-rc.d"), 0o755);
  await mkdir(join(chroot, "etc/postgresql-common"), { recursive: true });
  await writeFile(join(chroot, "etc/postgresql-common/createcluster.conf"), "create_main_cluster = false\n");
  const install =
    "apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold " +
    "-o Dpkg::Options::=--force-unsafe-io postgresql-18 postgresql-18-documentdb";
  // postgresql-common's script needs /proc; a private mount namespace leaves nothing behind
  await runCommand("unshare", [
    "-m",
    "sh",
    "-c",
    `mount -t proc proc "$1/proc" && DEBIAN_FRONTEND=noninteractive chroot "$1" ${install}`,
    "sh",
    chroot,
  ]);
  await writeFile(`${chroot}.ok`, "");
};

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

interface Postgres {
  start(): Promise<void>;
  /** Ends it immediately, without notice to its clients. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

const preparePostgres = async (chroot: string, port: number): Promise<Postgres> => {
  const home = join(chroot, "var/lib/postgresql");
  // ports recur: a killed run may have left its folder behind
  const data = `/var/lib/postgresql/run-${port}-${Date.now().toString(36)}`;
  const asPostgres = (...command: string[]): Promise<string> =>
    runCommand("chroot", ["--userspec=postgres:postgres", chroot, "env", "PGPASSFILE=/var/lib/postgresql/.pgpass", ...command]);
  await writeFile(join(home, ".pw"), password);
  await writeFile(join(home, ".pgpass"), `*:*:*:postgres:${password}\n*:*:*:documentdb_bg_worker_role:${password}\n`);
  await runCommand("chroot", [
    chroot,
    "sh",
    "-c",
    "cd /var/lib/postgresql && chown postgres:postgres . .pw .pgpass && chmod 600 .pw .pgpass",
  ]);
  await asPostgres(
    `${postgres}/initdb`,
    "-D",
    data,
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
    "-A",
    "scram-sha-256",
    "-U",
    "postgres",
    "--pwfile=/var/lib/postgresql/.pw",
    "--no-sync",
  );
  const settings = `
listen_addresses='127.0.0.1'
port=${port}
unix_socket_directories='/tmp'
max_connections=200
shared_buffers=512MB
dynamic_shared_memory_type=mmap
shared_preload_libraries='pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name='postgres'
cron.log_run=off
cron.log_statement=off
documentdb_core.enableCollation=on
fsync=off
full_page_writes=off
`;
  await runCommand("sh", ["-c", 'cat >> "$1"', "sh", join(chroot, data, "postgresql.conf")], { input: settings });
  const start = async (): Promise<void> => {
    // pg_ctl's child keeps its output open, so it must not be a pipe of this process
    await asPostgres("sh", "-c", `${postgres}/pg_ctl -D ${data} -l ${data}.log -w start >/dev/null 2>&1`);
  };
  const kill = async (): Promise<void> => {
    await asPostgres(`${postgres}/pg_ctl`, "-D", data, "-m", "immediate", "stop").catch(() => undefined);
  };
  await start();
  await asPostgres(
    `${postgres}/psql`,
    "-q",
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "-U",
    "postgres",
    "-c",
    "SET client_min_messages=warning",
    "-c",
    "CREATE EXTENSION IF NOT EXISTS documentdb CASCADE",
    "-c",
    `ALTER ROLE documentdb_bg_worker_role PASSWORD '${password}'`,
  );
  const remove = async (): Promise<void> => {
    for (const path of [data, `${data}.log`]) await rm(join(chroot, path), { recursive: true, force: true });
  };
  return { start, kill, remove };
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
    const database = await preparePostgres(join(folder, "chroot"), postgresPort);
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
