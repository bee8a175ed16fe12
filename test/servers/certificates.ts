import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aptInstall, hasCommand, runCommand } from "./shell.js";

/** PEM files of an authority and of the certificates that it signed. */
export interface Certificates {
  readonly caFile: string;
  /** Certificate of a server on loopback. Carillon uses it as its client certificate, too. */
  readonly certFile: string;
  readonly keyFile: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Creates a new authority, and a certificate for 127.0.0.1 and localhost. */
export const makeCertificates = async (folder: string): Promise<Certificates> => {
  if (!(await hasCommand("openssl"))) await aptInstall("openssl");
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<string> => runCommand("openssl", args);
  const authority = ["-subj", "/CN=carillon test authority", "-days", "2", "-keyout", file("ca.key"), "-out", file("ca.pem")];
  await openssl("req", "-x509", ...newKey, ...authority);
  await openssl("req", "-new", ...newKey, "-subj", "/CN=localhost", "-keyout", file("server.key"), "-out", file("server.csr"));
  await writeFile(file("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", file("names")];
  await openssl("x509", "-req", "-in", file("server.csr"), ...signed, "-out", file("server.pem"));
  return { caFile: file("ca.pem"), certFile: file("server.pem"), keyFile: file("server.key") };
};
