import { expect, it } from "vitest";
import { buildOf, defaultOld, plantedBuild } from "./builds.js";
import { runStoreUpgrade } from "./store-upgrade.js";

it("loses no message of an embedded store that an upgrade, a downgrade and an upgrade open", { timeout: 240_000 }, async () => {
  const [from, to] = [await buildOf(defaultOld), await plantedBuild()];
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const result = await runStoreUpgrade({ from, to, planted: true, messages: 150, perSecond: 50, say });
  expect(result.problems, said.join("\n")).toEqual([]);
  expect(result).toMatchObject({ accepted: 150, delivered: 150 });
  expect(result.handedBack.get(from.name)).toBeGreaterThan(0);
});
