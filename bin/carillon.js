#!/usr/bin/env node

const moreFiles = "raise this account's limit of open files to 4096 or more: ulimit -n, LimitNOFILE= of systemd, or the container's limits";
const fixes = {
  EMFILE: moreFiles,
  ENFILE: moreFiles,
  ERR_MODULE_NOT_FOUND: `reinstall Carillon, for example with npm ci; if it is complete, ${moreFiles}`,
};

/** Nothing of Carillon runs yet when Node.js cannot load it. */
const sayUnloaded = (error) => {
  const fix = fixes[error.code];
  if (fix === undefined) throw error;
  process.stderr.write(`✗ ${error.message}\n  fix: ${fix}\n`);
  process.exit(1);
};

const load = async () => {
  const { prepare } = await import("./prepare.js");
  prepare();
  return import("../dist/bundle/cli/main.js");
};

const { main } = await load().catch(sayUnloaded);
await main(process.argv);
