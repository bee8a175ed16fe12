import { describe, expect, it } from "vitest";
import { createRenewingClient } from "../../stores/renewing-client.js";

const renewing = () => {
  const closed: number[] = [];
  let made = 0;
  let nowMs = 0;
  const client = createRenewingClient({
    what: "the server",
    create: () => {
      made += 1;
      return made;
    },
    close: async (one) => closed.push(one),
    isOutage: (error) => (error as Error).message !== "bad question",
    now: () => nowMs,
  });
  const fail = (message: string): Promise<void> =>
    client
      .use(1_000, () => Promise.reject(new Error(message)))
      .then(
        () => undefined,
        () => undefined,
      );
  const which = (): Promise<number> => client.use(1_000, async (one) => one);
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { client, fail, which, pass, closed, made: () => made };
};

describe("a client that is replaced", () => {
  it("is, after three failures in a row", async () => {
    const { fail, which } = renewing();
    await fail("reset");
    await fail("reset");
    expect(await which()).toBe(1);
    for (let times = 0; times < 3; times += 1) await fail("reset");
    expect(await which()).toBe(2);
  });

  it("is at once when a call never ends, and the call is rejected at its deadline", async () => {
    const { client, which } = renewing();
    await expect(client.use(20, () => new Promise(() => undefined))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await which()).toBe(2);
  });

  it("is not for questions that the server refuses", async () => {
    const { fail, which } = renewing();
    for (let times = 0; times < 10; times += 1) await fail("bad question");
    expect(await which()).toBe(1);
  });

  it("is not again and again while the server stays away", async () => {
    const { fail, pass, made } = renewing();
    for (let times = 0; times < 100; times += 1) await fail("refused");
    expect(made()).toBe(2);
    pass(10_000);
    for (let times = 0; times < 3; times += 1) await fail("refused");
    expect(made()).toBe(3);
  });

  it("closes the present one and those that it replaced", async () => {
    const { client, fail, closed } = renewing();
    for (let times = 0; times < 3; times += 1) await fail("reset");
    await client.close();
    expect(closed.sort()).toEqual([1, 2]);
  });
});
