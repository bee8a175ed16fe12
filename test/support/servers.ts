import { inject } from "vitest";

/** The address of a real server. Throws if there is none: nothing is silently skipped. */
export const serverAddress = (name: "KAFKA" | "REDIS" | "MONGO" | "REGISTRY" | "AWS"): string => {
  const address = inject("servers")[`CARILLON_TEST_${name}`];
  if (!address) throw new Error(`${name} has no address: see test/servers`);
  return address;
};
