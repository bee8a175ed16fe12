import type { Socket } from "node:net";
import type SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import type { Clock } from "../../../stores/clock.js";

const rememberedMs = 600_000;

const ask = async (server: SMTPConnection.Options, open: (() => Promise<Socket>) | undefined): Promise<boolean> => {
  const { default: Connection } = await import("nodemailer/lib/smtp-connection/index.js");
  const options = open ? { ...server, connection: await open() } : server;
  const connection = new Connection(options);
  try {
    return await new Promise<boolean>((resolve, reject) => {
      connection.on("error", reject);
      connection.on("end", () => reject(Object.assign(new Error("the mail server closed the connection"), { command: "CONN" })));
      // after the callback the latest reply is the one to EHLO, which was sent over TLS if TLS is on
      connection.connect((error) => {
        if (error) reject(error);
        else resolve(/[ -]SMTPUTF8\b/im.test(String(connection.lastServerResponse)));
      });
    });
  } finally {
    connection.on("error", () => undefined);
    connection.close();
  }
};

/** Whether a server accepts non-ASCII addresses (RFC 6531). Caches the result for ten minutes. Rejects if the server does not answer. */
export const createSmtpUtf8Check = (
  options: SMTPConnection.Options,
  clock: Pick<Clock, "now">,
  /** Opens the connection; undefined: to any address. */
  open?: () => Promise<Socket>,
): (() => Promise<boolean>) => {
  let known: { readonly offered: Promise<boolean>; readonly atMs: number } | undefined;
  return () => {
    if (known && clock.now() - known.atMs < rememberedMs) return known.offered;
    const offered = ask(options, open);
    known = { offered, atMs: clock.now() };
    offered.catch(() => {
      known = undefined;
    });
    return offered;
  };
};
