import { connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";
import { type AnswerPolicy, watchAnswers } from "../answered-sockets.js";
import type { OpenSockets } from "../open-sockets.js";

const keepAliveMs = 10_000;

/**
 * kafkajs's sockets, with two additions. A socket ends when the broker leaves a request unanswered for too long, and kafkajs reconnects. None
 * outlives the log.
 */
export const createSocketFactory =
  (policy: AnswerPolicy, sockets?: OpenSockets): ISocketFactory =>
  ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, keepAliveMs);
    watchAnswers(socket, policy, () => socket.destroy(new Error(`${host}:${port} has not answered: the connection counts as dead`)));
    sockets?.track(socket);
    return socket;
  };
