/** Closes one of the library's clients, whatever its state. */
export const closeClient = async (client: { close(force: boolean): unknown }): Promise<void> => {
  try {
    await client.close(true);
  } catch {
    // a client that cannot be closed is gone already
  }
};
