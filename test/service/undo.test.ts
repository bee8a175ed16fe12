import { expect, it } from "vitest";
import { undoAll } from "../../service/undo.js";

it("a stop goes on behind a step that fails, in reverse order, and reports the first failure", async () => {
  const done: string[] = [];
  const failing = (name: string) => (): never => {
    done.push(name);
    throw new Error(name);
  };
  const steps = [() => done.push("stores"), failing("queues"), async () => void done.push("providers"), failing("reports")];
  await expect(undoAll(steps)).rejects.toThrow("reports");
  expect(done).toEqual(["reports", "providers", "queues", "stores"]);
  expect(steps).toEqual([]);
});
