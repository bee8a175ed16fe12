import type { SendMailOptions, Transporter } from "nodemailer";

/** A mail with what is called when its first byte leaves: the server has taken the envelope and DATA then. */
type Reported = SendMailOptions & { readonly onSending?: () => void };

/** Has a transport call each mail's `onSending`. Until then the mail waits for a connection, or its envelope is refused: nothing was sent. */
export const noteSending = (transport: Pick<Transporter, "use">): void => {
  transport.use("stream", ({ data, message }, done) => {
    const { onSending } = data as Reported;
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = create(options);
      // nodemailer reads the stream into the connection from DATA on, and destroys it unread where it does not come to that
      if (onSending) stream.once("resume", onSending);
      return stream;
    };
    done();
  });
};
