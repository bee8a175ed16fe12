import type { SendMailOptions, Transporter } from "nodemailer";

/** A mail with a callback for its first byte. By then the server has accepted the envelope and DATA. */
type Reported = SendMailOptions & { readonly onSending?: () => void };

/**
 * Makes a transport call each mail's `onSending`. Before that call nothing was sent: the mail still waits for a connection, or its envelope
 * was refused.
 */
export const noteSending = (transport: Pick<Transporter, "use">): void => {
  transport.use("stream", ({ data, message }, done) => {
    const { onSending } = data as Reported;
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = create(options);
      // from DATA on, nodemailer reads the stream into the connection; before DATA it destroys the stream unread
      if (onSending) stream.once("resume", onSending);
      return stream;
    };
    done();
  });
};
