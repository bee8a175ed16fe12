import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { createOpenSockets } from "../../stores/event-log/kafka/open-sockets.js";

it("ends the sockets that are open, and those that are opened later", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  };
  const errorOf = (socket: Socket) => new Promise((resolve) => socket.once("error", resolve));
  const sockets = createOpenSockets();
  const [first, second, gone] = [await open(), await open(), await open()];
  for (const socket of [first, second, gone]) sockets.track(socket);
  await new Promise((resolve) => gone.once("close", resolve).destroy());
  const errors = Promise.all([errorOf(first), errorOf(second)]);
  sockets.destroy();
  expect(await errors).toMatchObject([{ message: "the log has closed" }, { message: "the log has closed" }]);
  const late = await open();
  const error = errorOf(late);
  sockets.track(late);
  expect(await error).toMatchObject({ message: "the log has closed" });
  await new Promise((resolve) => server.close(resolve));
});
