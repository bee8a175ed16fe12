/** Closes one of the library's clients, whatever state it is in. */
export const closeClient = async (client: { close(force: boolean): unknown }): Promise<void> => {
  try {
    await client.close(true);
  } catch {
    // what cannot be closed is gone already
  }
};
