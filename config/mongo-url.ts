/**
 * The problem with one server of a connection string. Does not quote it: with a malformed account it may contain a part of the password.
 */
const serverProblem = (server: string, isSrv: boolean): string | undefined => {
  const [, name = "", port] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(.*))?$/i.exec(server) ?? [];
  if (name === "") return "names a server that is not host or host:port";
  if (port === undefined) return undefined;
  if (isSrv) return "names a port, which mongodb+srv:// takes from DNS";
  return /^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535 ? undefined : "has a port that is not between 1 and 65535";
};

const accountProblem = (account: string): string | undefined => {
  try {
    decodeURIComponent(account);
    return undefined;
  } catch {
    return "has credentials with a % that is not percent-encoded: write it as %25";
  }
};

/** The problem with a MongoDB connection string, found without connecting. Source: MongoDB's connection string specification. */
export const mongoUrlProblem = (text: string): string | undefined => {
  const [, srv, authority = ""] = /^mongodb(\+srv)?:\/\/([^?\s]+)(\?\S*)?$/.exec(text) ?? [];
  if (authority === "") return "is not a connection string of MongoDB such as mongodb://host:27017";
  const at = authority.lastIndexOf("@");
  const servers = (authority.slice(at + 1).split("/")[0] ?? "").split(",");
  if (srv && servers.length > 1) return "names several servers, but mongodb+srv:// takes one name";
  const account = at < 0 ? undefined : accountProblem(authority.slice(0, at));
  return account ?? servers.map((server) => serverProblem(server, srv !== undefined)).find((problem) => problem !== undefined);
};
