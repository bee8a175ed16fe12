import { expect, it } from "vitest";
import { createStillness } from "../../stores/stillness.js";

const never = (): Promise<void> => new Promise(() => undefined);
const after = (start: (resolve: () => void) => void): Promise<void> => new Promise(start);

it("work is still that nothing real can continue", async () => {
  await createStillness()(never());
});

it.each([
  ["has failed", () => Promise.reject(new Error("no"))],
  ["waits for turns of the event loop", () => after((resolve) => setImmediate(() => setImmediate(resolve)))],
  ["waits for real time", () => after((resolve) => setTimeout(resolve, 100))],
])("work is awaited that %s", async (_, start) => {
  const untilStill = createStillness();
  let ended = false;
  const work = start().finally(() => {
    ended = true;
  });
  await untilStill(work);
  expect(ended).toBe(true);
});
