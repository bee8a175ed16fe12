import { describe, expect, it } from "vitest";
import { CarillonError } from "../../schemas/errors.js";
import { checkConfigParts, checkJobs, checkSubsystems, inSubsystem } from "../../service/check-subsystems.js";

const job = (name: string) => ({ name, pattern: "* * * * *", run: async () => undefined });

describe("subsystems that do not fit into one process", () => {
  it("are refused for a name, a key or a job that two of them have", () => {
    expect(() => checkSubsystems([{ name: "a" }, { name: "b" }])).not.toThrow();
    expect(() => checkSubsystems([{ name: "a" }, { name: "a" }])).toThrow("two subsystems have the name a");
    expect(() => checkSubsystems([{ name: "delivery" }])).toThrow("two subsystems have the name delivery");
    const keys = { configKeys: { constructor: undefined as never, rooms: undefined as never } };
    expect(() => checkConfigParts([keys, keys])).toThrow("two subsystems have the configuration key constructor");
    expect(() => checkJobs([{ jobs: [job("nightly")] }, { jobs: [job("hourly"), job("nightly")] }])).toThrow(
      expect.objectContaining({ code: "TOPOLOGY_INVALID", message: expect.stringContaining("two subsystems have the job nightly") }),
    );
  });

  it("are named where they cannot be built", async () => {
    const boom = inSubsystem("rooms", () => {
      throw new Error("A metric with the name x has already been registered.");
    });
    await expect(boom).rejects.toMatchObject({ code: "TOPOLOGY_INVALID", message: expect.stringMatching(/the subsystem rooms .*metric/) });
    const own = new CarillonError("UNAVAILABLE", "away");
    await expect(inSubsystem("rooms", () => Promise.reject(own))).rejects.toBe(own);
    expect(await inSubsystem("rooms", () => 1)).toBe(1);
  });
});
