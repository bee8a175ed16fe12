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

const commitAt = (name) => {
  try {
    return git("rev-parse", "--verify", "--quiet", `${name}^{commit}`).trim();
  } catch {
    return undefined; // the first commit, or the end of a shallow clone
  }
};

const isChanged = () => git("status", "--porcelain").trim() !== "";

/**
 * The commit that a change began with: of `CARILLON_LINT_BASE` if that is set, of the main branch on another branch. On the main branch,
 * and without a branch, the change is what is not committed, or else the last commit. Undefined in a folder without history.
 */
const baseCommit = () => {
  try {
    const given = process.env.CARILLON_LINT_BASE;
    const names = given ? [given] : changeBranch() ? ["origin/main", "main"] : [];
    const branched = names.map(mergeBase).find((found) => found !== undefined);
    return branched ?? (isChanged() ? undefined : commitAt("HEAD^")) ?? commitAt("HEAD");
  } catch {
    return undefined;
  }
};

module.exports = { baseCommit, git };
