import { nameProblem } from "../channels/one-line.js";
import { readBy } from "../channels/read-by.js";
import { mostIdBytes } from "../stores/id-keys.js";

/** Why a text cannot be an id that a tenant chooses: it becomes a part of URLs, keys and lines of files. */
const idProblem = (id: string, mostBytes: number): string | undefined => {
  if (id === "") return "is empty";
  if (id.trim() !== id) return "begins or ends with a space";
  if (id === "." || id === "..") return "is a path, which URLs cannot carry as a name";
  const bytes = Buffer.byteLength(id);
  return bytes > mostBytes ? `has ${bytes} bytes, and ${mostBytes} are allowed` : nameProblem(id);
};

/** The schema of an id. */
const idOf = (kind: keyof typeof mostIdBytes) => {
  const wanted = `one line of at most ${mostIdBytes[kind]} bytes, without spaces around it`;
  return readBy((id) => {
    const problem = idProblem(id, mostIdBytes[kind]);
    return problem === undefined ? id : { problem, fix: `give ${wanted}` };
  }).meta({ wanted });
};

export const userId = idOf("user");
export const groupId = idOf("group");
export const appId = idOf("app");
