import { readFileSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";

/** Paths of a connection's certificates; null: none. */
export interface TlsFiles {
  readonly enabled: boolean;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly serverName: string | null;
}

/** The options for Node.js's tls. */
export interface TlsOptions extends Pick<SecureContextOptions, "ca" | "cert" | "key"> {
  readonly servername?: string;
}

/** The certificates, read once; undefined if the connection is not encrypted. Server certificates are always verified. */
export const tlsOptionsOf = ({ enabled, caFile, certFile, keyFile, serverName }: TlsFiles): TlsOptions | undefined => {
  if (!enabled) return undefined;
  return {
    ...(caFile === null ? {} : { ca: readFileSync(caFile, "utf8") }),
    ...(certFile === null ? {} : { cert: readFileSync(certFile, "utf8") }),
    ...(keyFile === null ? {} : { key: readFileSync(keyFile, "utf8") }),
    ...(serverName === null ? {} : { servername: serverName }),
  };
};
