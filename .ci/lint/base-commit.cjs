const { execFileSync } = require("node:child_process");

const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 28 });

const mergeBase = (name) => {
  try {
    return git("merge-base", name, "HEAD").trim();
  } catch {
    return undefined; // no such commit here
  }
};

/** The branch that a change is made on; undefined on the main branch, and where a commit is checked out without a branch. */
const changeBranch = () => {
  const name = git("rev-parse", "--abbrev-ref", "HEAD").trim();
  return name === "main" || name === "HEAD" ? undefined : name;
};

/**
 * The commit that a change began with: of `CARILLON_LINT_BASE` if that is set, of the main branch on another branch, otherwise HEAD, so
 * that only uncommitted changes count. Undefined in a folder without history.
 */
const baseCommit = () => {
  try {
    const given = process.env.CARILLON_LINT_BASE;
    const names = given ? [given] : changeBranch() ? ["origin/main", "main"] : [];
    return names.map(mergeBase).find((found) => found !== undefined) ?? git("rev-parse", "HEAD").trim();
  } catch {
    return undefined;
  }
};

module.exports = { baseCommit, git };
