const { existsSync, readdirSync } = require("node:fs");
const { posix } = require("node:path");
const { git } = require("./base-commit.cjs");

/** The files of the project; in a folder without history, all files except the products of an install or a build. */
const projectFiles = () => {
  try {
    return git("ls-files", "--cached", "--others", "--exclude-standard")
      .split("\n")
      .filter((path) => path !== "" && existsSync(path));
  } catch {
    const isMade = (path) => /(^|\/)(node_modules|dist|coverage|\.carillon|\.git)(\/|$)/.test(path);
    const entries = readdirSync(".", { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return entries.map(({ parentPath, name }) => posix.join(parentPath.replaceAll("\\", "/"), name)).filter((path) => !isMade(path));
  }
};

module.exports = { projectFiles };
