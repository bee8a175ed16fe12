import { expect, it } from "vitest";
import { serverAddress } from "../support/servers.js";
import { buildOf, defaultOld, plantedBuild } from "./builds.js";
import { runRollingUpgrade } from "./rolling-upgrade.js";

it("loses no message while workers are upgraded to a version with a new channel and a new stage", { timeout: 300_000 }, async () => {
  const [from, to] = [await buildOf(defaultOld), await plantedBuild()];
  const said: string[] = [];
  const result = await runRollingUpgrade({
    from,
    to,
    planted: true,
    client: "kafkajs",
    lanes: ["normal"],
    messages: 200,
    perSecond: 20,
    address: serverAddress,
    say: (text) => void said.push(text),
  });
  expect(result.problems, said.join("\n")).toEqual([]);
  expect(result).toMatchObject({ accepted: 200, delivered: 200 });
  expect(result.handedBack.get(from.name)).toBeGreaterThan(0);
  expect(result.handedBack.get(to.name)).toBe(0);
});
