import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigInput } from "../../config/schema.js";
import { systemClock } from "../../stores/clock.js";
import { startWorker } from "../harness/child.js";
import { deleteTopics, uniquePrefix } from "../harness/kafka.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";
import { configOf, countsOf, type ProfileName } from "../harness/run-through.js";
import { type Posted, postedMeasures, postOnSchedule, withBareServer } from "../harness/scheduled-posts.js";

const perSecond = 1_000;
const fullSeconds = 25;
/** The code is compiled during its first runs, so this warm-up is not counted. */
const warmUpSeconds = 5;
const wantedMs = 20;

const content = { subject: "Your receipt", text: "x".repeat(500) };

const postAll = (url: string, count: number): Promise<Posted> =>
  postOnSchedule({
    ...{ url: `${url}/v1/messages`, perSecond, count, status: 202 },
    headers: { "content-type": "application/json" },
    bodyOf: (index) => JSON.stringify({ channel: "email", to: `success+${index}@sandbox.carillon.test`, content }),
  });

const measured = (posted: Posted): Contestant["measures"] => postedMeasures(posted, warmUpSeconds * perSecond);

const carillon = async (context: BenchmarkContext, profile: ProfileName): Promise<Contestant> => {
  const name = `Carillon, ${profile}`;
  const folder = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  const prefix = uniquePrefix();
  const count = atScale(perSecond * fullSeconds, context.scale);
  const config: ConfigInput = configOf(context, profile, folder, prefix, "at_least_once");
  try {
    const child = startWorker("workers/carillon.ts", { config }, ["--max-semi-space-size=64"]);
    try {
      const { url } = await child.line();
      context.progress(`${name}: accepting ${count} messages`);
      const posted = await postAll(String(url), count);
      const begin = performance.now();
      for (;;) {
        const { ended } = await countsOf(String(url));
        context.progress(`${name}: ${ended} of ${count} ended`);
        if (ended >= count) break;
        await systemClock.sleep(250);
      }
      return { name, measures: { ...measured(posted), backlogSeconds: (performance.now() - begin) / 1_000 } };
    } finally {
      await child.stop();
    }
  } finally {
    if (profile === "cluster") await deleteTopics(context.address("KAFKA"), prefix);
    await rm(folder, { recursive: true, force: true });
  }
};

/** The cost of the same load on a server that stores nothing. */
const bareServer = (context: BenchmarkContext): Promise<Contestant> =>
  withBareServer(202, async (url) => ({
    name: "a bare server that stores nothing",
    measures: measured(await postAll(url, atScale(perSecond * fullSeconds, context.scale))),
  }));

export const accept: Benchmark = {
  name: "accept",
  work: `${perSecond.toLocaleString("en-US")} messages per second over HTTP, one a request, each answered once the log has stored it, and delivered by the same process`,
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const embedded = await carillon(context, "embedded");
    const cluster = await carillon(context, "cluster");
    const bare = await bareServer(context);
    const p99 = ({ measures }: Contestant): number => measures.p99Ms ?? Number.NaN;
    return {
      contestants: [embedded, cluster, bare],
      ratios: [
        {
          name: `p99 of an answer, in units of ${wantedMs} ms, embedded`,
          value: p99(embedded) / wantedMs,
          aim: 1,
          atLeast: false,
          ofMachine: true,
        },
        {
          name: `p99 of an answer, in units of ${wantedMs} ms, cluster`,
          value: p99(cluster) / wantedMs,
          aim: 1,
          atLeast: false,
          ofMachine: true,
        },
      ],
      notes: [
        `${atScale(fullSeconds, context.scale)} s. Each message is posted at its scheduled time, whether or not earlier ones have been answered, and its latency counts from that time. The first ${warmUpSeconds} s warm up the process and are not counted. The load comes from the same machine.`,
        "lateP99Ms: the load generator's own lag, from a message's scheduled time until it was posted. The latency includes it.",
        "backlogSeconds: how long the process took, after the last answer, to end all messages.",
      ],
    };
  },
};
