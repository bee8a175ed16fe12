import type { AddressInfo } from "node:net";
import smppLibrary, { type Pdu, type Session } from "smpp";

/** The `smpp` package's own server as the SMSC. */
export const startSmsc = async () => {
  const submits: Pdu[] = [];
  const sessions: Session[] = [];
  const waiting: Pdu[] = [];
  const receipts: number[] = [];
  const state = { bind: 0, submit: 0, answers: true, most: 0 };
  const server = smppLibrary.createServer({}, (session) => {
    sessions.push(session);
    session.on("error", () => undefined);
    session.on("bind_transceiver", (pdu: Pdu) => session.send(pdu.response({ command_status: state.bind })));
    session.on("enquire_link", (pdu: Pdu) => session.send(pdu.response()));
    session.on("unbind", (pdu: Pdu) => session.send(pdu.response()));
    session.on("submit_sm", (pdu: Pdu) => {
      submits.push(pdu);
      waiting.push(pdu);
      state.most = Math.max(state.most, waiting.length);
      if (!state.answers) return;
      const message_id = `id-${submits.length}`;
      setTimeout(() => {
        waiting.splice(waiting.indexOf(pdu), 1);
        session.send(pdu.response(state.submit === 0 ? { message_id } : { command_status: state.submit }));
      }, 5);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `smpp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    submits,
    state,
    receipts,
    /** Sends a receipt as SMSCs do, and records the response. */
    report: (text: string, more: object = {}) =>
      sessions.at(-1)?.deliver_sm({ esm_class: 0x04, short_message: text, ...more }, (pdu) => receipts.push(pdu.command_status)),
    breakAll: () => {
      for (const session of sessions) session.destroy();
    },
    bound: () => sessions.length,
    stop: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(resolve);
      }),
  };
};
