import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completeMessage } from "../../client/complete-message.js";
import type { ConfigInput } from "../../config/schema.js";
import { outgoingOf } from "../../engine/runtime/outgoing.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { systemClock } from "../../stores/clock.js";
import { namesOf } from "../../topology/names.js";
import { startWorker } from "../harness/child.js";
import { deleteTopics, uniquePrefix } from "../harness/kafka.js";
import { messageOf } from "../harness/preload.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";
import { configOf, countsOf, type ProfileName } from "../harness/run-through.js";
import { type Posted, postedMeasures, postOnSchedule, withBareServer } from "../harness/scheduled-posts.js";

const perSecond = 1_000;
const fullSeconds = 25;
/** The code is compiled during its first runs, so this warm-up is not counted. */
const warmUpSeconds = 5;
const batch = 1_000;

const numberOf = (index: number): string => `+9198${String(10_000_000 + index)}`;

/** Fills the log with messages that are dispatched once the worker starts. Resolves with their ids. */
const preloadIds = async (overrides: ConfigInput, count: number): Promise<string[]> => {
  const config = loadConfig({ environment: {}, overrides });
  const stores = await openStores(config, systemClock, () => undefined);
  try {
    const assembly = await assemble(config, stores, systemClock);
    const { topicOf } = namesOf(config);
    await stores.log.ensureTopics(assembly.topics);
    const ids: string[] = [];
    while (ids.length < count) {
      const requests = Array.from({ length: Math.min(batch, count - ids.length) }, (_, index) =>
        completeMessage(
          messageOf(ids.length + index, { channel: "sms", to: numberOf(ids.length + index), content: { text: "Hi" } }),
          "bench",
          Date.now(),
        ),
      );
      await stores.log.append(requests.map((one) => outgoingOf(assembly.families.requests, one, assembly.codecs, topicOf)));
      ids.push(...requests.map(({ id }) => id));
    }
    return ids;
  } finally {
    await stores.close();
  }
};

const token = "the token of the benchmark";

/** Posts a callback for each id. */
const postAll = (url: string, ids: readonly string[]): Promise<Posted> =>
  postOnSchedule({
    ...{ url: `${url}/v1/callbacks/kaleyra`, perSecond, count: ids.length, status: 204 },
    headers: { "content-type": "application/x-www-form-urlencoded", "x-callback-token": token },
    bodyOf: (index) => new URLSearchParams({ id: ids[index] ?? "", status: "DELIVRD" }).toString(),
  });

const carillon = async (context: BenchmarkContext, profile: ProfileName): Promise<Contestant> => {
  const name = `Carillon, ${profile}`;
  const folder = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  const prefix = uniquePrefix();
  const base = configOf(context, profile, folder, prefix, "at_least_once");
  const config: ConfigInput = {
    ...base,
    channels: { sms: { providers: ["kaleyra"] } },
    providers: { ...base.providers, kaleyra: { sid: "s", apiKey: "a key", callback: { token } } },
  };
  try {
    const ids = await preloadIds(config, atScale(perSecond * fullSeconds, context.scale));
    const child = startWorker("workers/carillon.ts", { config, acceptsAs: "kaleyra" }, ["--max-semi-space-size=64"]);
    try {
      const { url } = await child.line();
      const until = async (count: "dispatched" | "ended"): Promise<void> => {
        for (;;) {
          const counts = await countsOf(String(url));
          context.progress(`${name}: ${counts[count]} of ${ids.length} ${count}`);
          if (counts[count] >= ids.length) return;
          await systemClock.sleep(250);
        }
      };
      await until("dispatched");
      const posted = await postAll(String(url), ids);
      await until("ended");
      return { name, measures: postedMeasures(posted, warmUpSeconds * perSecond) };
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
  withBareServer(204, async (url) => {
    const ids = Array.from({ length: atScale(perSecond * fullSeconds, context.scale) }, (_, index) => String(index));
    return { name: "a bare server that stores nothing", measures: postedMeasures(await postAll(url, ids), warmUpSeconds * perSecond) };
  });

export const callbacks: Benchmark = {
  name: "callbacks",
  work: `${perSecond.toLocaleString("en-US")} callbacks of providers per second, each answered once the log has stored it, and processed in the same process`,
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const embedded = await carillon(context, "embedded");
    const cluster = await carillon(context, "cluster");
    const bare = await bareServer(context);
    const p99 = ({ measures }: Contestant): number => measures.p99Ms ?? Number.NaN;
    return {
      contestants: [embedded, cluster, bare],
      ratios: [
        { name: "p99 of an answer, in units of 50 ms, embedded", value: p99(embedded) / 50, aim: 1, atLeast: false },
        { name: "p99 of an answer, in units of 50 ms, cluster", value: p99(cluster) / 50, aim: 1, atLeast: false },
      ],
      notes: [
        `${atScale(fullSeconds, context.scale)} s. Each callback is posted at its scheduled time, whether or not earlier ones have been answered, and its latency counts from that time. The first ${warmUpSeconds} s warm up the process and are not counted. The load comes from the same machine.`,
        "lateP99Ms: the load generator's own lag, from a callback's scheduled time until it was posted. The latency includes it.",
        "Every callback ends its message in the same process: status, lineage and feedback.",
      ],
    };
  },
};
