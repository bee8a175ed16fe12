import { randomBytes } from "node:crypto";
import { atScale, type Benchmark, type Contestant } from "../harness/result.js";
import { carillon } from "./pipeline.js";

const fullCount = 60_000;
const turns = 3;

const meanOf = (name: string, runs: readonly Contestant[]): Contestant => {
  const mean = (measure: string): number => runs.reduce((sum, { measures }) => sum + (measures[measure] ?? 0), 0) / runs.length;
  return { name, measures: { messagesPerSecond: mean("messagesPerSecond"), residentMb: mean("residentMb") } };
};

export const encryption: Benchmark = {
  name: "encryption",
  work: "the pipeline with and without encryption of recipients and contents in log, message cache and claims",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const config = { encryption: { active: "bench", keys: { bench: { secret: randomBytes(32).toString("base64") } } } };
    const runs = { without: [] as Contestant[], encrypted: [] as Contestant[] };
    for (let turn = 0; turn < turns; turn += 1) {
      runs.without.push(await carillon(context, count, "kafkajs", "at_least_once", { name: "without", config: {} }));
      runs.encrypted.push(await carillon(context, count, "kafkajs", "at_least_once", { name: "encrypted", config }));
    }
    const [without, encrypted] = [meanOf("Carillon, nothing encrypted", runs.without), meanOf("Carillon, encrypted", runs.encrypted)];
    return {
      contestants: [encrypted, without],
      ratios: [
        {
          name: "encrypted / not encrypted",
          value: (encrypted.measures.messagesPerSecond ?? 0) / (without.measures.messagesPerSecond ?? 1),
          aim: 0.8,
          atLeast: true,
        },
      ],
      notes: [`Means of ${turns} alternating runs of each, with ${count} messages of 1 KB per run. One process, one thread.`],
    };
  },
};
