import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aptInstall, exists, hasCommand, runCommand } from "./shell.js";

const suite = "forky";
const postgres = "/usr/lib/postgresql/18/bin";
export const password = "throwaway";

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
export const installPostgres = async (chroot: string): Promise<void> => {
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

export interface Postgres {
  start(): Promise<void>;
  /** Ends it immediately, without notice to its clients. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** Runs a command as the user postgres in the folder with Debian's next release. */
const asPostgres = (chroot: string, ...command: string[]): Promise<string> =>
  runCommand("chroot", ["--userspec=postgres:postgres", chroot, "env", "PGPASSFILE=/var/lib/postgresql/.pgpass", ...command]);

const settingsOf = (port: number): string => `
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
full_page_writes=on
`;

/** Creates the folder of a database. */
const createDatabase = async (chroot: string, data: string, port: number): Promise<void> => {
  const home = join(chroot, "var/lib/postgresql");
  await writeFile(join(home, ".pw"), password);
  await writeFile(join(home, ".pgpass"), `*:*:*:postgres:${password}\n*:*:*:documentdb_bg_worker_role:${password}\n`);
  await runCommand("chroot", [
    chroot,
    "sh",
    "-c",
    "cd /var/lib/postgresql && chown postgres:postgres . .pw .pgpass && chmod 600 .pw .pgpass",
  ]);
  await asPostgres(
    chroot,
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
  await runCommand("sh", ["-c", 'cat >> "$1"', "sh", join(chroot, data, "postgresql.conf")], { input: settingsOf(port) });
};

const createExtension = async (chroot: string, port: number): Promise<void> => {
  await asPostgres(
    chroot,
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
};

/** Starts a new database. */
export const startPostgres = async (chroot: string, port: number): Promise<Postgres> => {
  // ports recur: a killed run may have left its folder behind
  const data = `/var/lib/postgresql/run-${port}-${Date.now().toString(36)}`;
  await createDatabase(chroot, data, port);
  const start = async (): Promise<void> => {
    // pg_ctl's child keeps its output open, so it must not be a pipe of this process
    await asPostgres(chroot, "sh", "-c", `${postgres}/pg_ctl -D ${data} -l ${data}.log -w start >/dev/null 2>&1`);
  };
  const kill = async (): Promise<void> => {
    await asPostgres(chroot, `${postgres}/pg_ctl`, "-D", data, "-m", "immediate", "stop").catch(() => undefined);
  };
  await start();
  await createExtension(chroot, port);
  const remove = async (): Promise<void> => {
    for (const path of [data, `${data}.log`]) await rm(join(chroot, path), { recursive: true, force: true });
  };
  return { start, kill, remove };
};
