/** The part of the `smpp` package that Carillon uses. The package has no types. */
declare module "smpp" {
  import type { EventEmitter } from "node:events";
  import type { Server as NetServer } from "node:net";

  export interface Pdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly message_id?: string;
    readonly system_id?: string;
    readonly password?: string;
    readonly esm_class?: number;
    readonly data_coding?: number;
    readonly source_addr?: string;
    readonly destination_addr?: string;
    readonly registered_delivery?: number;
    readonly receipted_message_id?: string | Buffer;
    readonly message_state?: number;
    readonly short_message?: { readonly message: string | Buffer; readonly udh?: readonly Buffer[] } | Buffer;
    readonly message_payload?: { readonly message: string | Buffer };
    response(options?: object): Pdu;
  }

  export interface Session extends EventEmitter {
    bind_transceiver(options: object, onResponse: (pdu: Pdu) => void): boolean;
    submit_sm(options: object, onResponse: (pdu: Pdu) => void): boolean;
    deliver_sm(options: object, onResponse?: (pdu: Pdu) => void): boolean;
    enquire_link(onResponse?: (pdu: Pdu) => void): boolean;
    unbind(onResponse?: (pdu: Pdu) => void): boolean;
    send(pdu: Pdu): boolean;
    close(onClosed?: () => void): void;
    destroy(onClosed?: () => void): void;
  }

  const smpp: {
    /** command_status by name. */
    readonly errors: Readonly<Record<string, number>>;
    /** Field values by name. */
    readonly consts: { readonly MESSAGE_STATE: Readonly<Record<string, number>> };
    connect(options: { url: string; connectTimeout?: number }, onConnect?: () => void): Session;
    readonly PDU: new (command: string, options: object) => { toBuffer(): Buffer };
    createServer(options: object, onSession: (session: Session) => void): NetServer;
  };
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS
  export default smpp;
}
