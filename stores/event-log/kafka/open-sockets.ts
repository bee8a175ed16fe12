import type { Socket } from "node:net";

/** The connections of a log. Both client libraries can open one while they disconnect, or after. */
export interface OpenSockets {
  /** Ends the socket when the log has closed, or at once if it has. */
  track(socket: Socket): void;
  /** Ends all sockets, and each one that is opened later. */
  destroy(): void;
}

export const createOpenSockets = (): OpenSockets => {
  const open = new Set<Socket>();
  let ended = false;
  const end = (socket: Socket): void => void socket.destroy(new Error("the log has closed"));
  return {
    track: (socket) => {
      if (ended) return end(socket);
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    },
    destroy: () => {
      ended = true;
      for (const socket of open) end(socket);
    },
  };
};
