import { readFileSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";

/** Where the certificates of a connection lie; null: none of its own. */
export interface TlsFiles {
  readonly enabled: boolean;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly serverName: string | null;
}

/** What Node.js's tls takes. */
export interface TlsOptions extends Pick<SecureContextOptions, "ca" | "cert" | "key"> {
  readonly servername?: string;
}

/** The certificates, read once; undefined where the connection is not encrypted. Certificates of servers are always checked. */
export const tlsOptionsOf = ({ enabled, caFile, certFile, keyFile, serverName }: TlsFiles): TlsOptions | undefined => {
  if (!enabled) return undefined;
  return {
    ...(caFile === null ? {} : { ca: readFileSync(caFile, "utf8") }),
    ...(certFile === null ? {} : { cert: readFileSync(certFile, "utf8") }),
    ...(keyFile === null ? {} : { key: readFileSync(keyFile, "utf8") }),
    ...(serverName === null ? {} : { servername: serverName }),
  };
};
