import { startWorker, type Worker } from "../chaos/fleet.js";
import { readMetrics } from "../support/metrics.js";
import type { Build } from "./builds.js";

export interface Member {
  readonly build: Build;
  readonly worker: Worker;
}

/** The workers of both builds that share the groups. */
export interface Crew {
  readonly members: readonly Member[];
  /** Starts one more worker and waits until it is ready. */
  join(build: Build): Promise<Member>;
  /** With SIGTERM. */
  leave(member: Member): Promise<void>;
  /** With SIGKILL; the worker restarts. */
  kill(member: Member): Promise<void>;
  /** With SIGKILL, permanently. */
  end(member: Member): Promise<void>;
  /** Number of records that each build's workers have handed back for a later version, by build name. */
  handedBack(): Promise<ReadonlyMap<string, number>>;
  /** Workers that ended without having been killed, with their last output. */
  readonly falls: readonly string[];
  stop(): Promise<void>;
}

const link = { exec: [], cut: async () => undefined, heal: async () => undefined };

const mostStarts = 3;

const handedBackBy = async ({ worker }: Member): Promise<number> => {
  if (worker.url() === "") return 0;
  const samples = await readMetrics(worker.url()).catch(() => []);
  return samples.filter(({ name }) => name === "carillon_handed_back_total").reduce((sum, { value }) => sum + value, 0);
};

export const createCrew = (configFile: string, say: (text: string) => void): Crew => {
  const members: Member[] = [];
  const falls: string[] = [];
  /** Counters of ended workers, which are lost with them. */
  const gone = new Map<string, number>();
  const keep = async (member: Member): Promise<void> => {
    const { name } = member.build;
    gone.set(name, (gone.get(name) ?? 0) + (await handedBackBy(member)));
  };
  return {
    members,
    falls,
    join: async (build) => {
      let refuse: (reason: Error) => void = () => undefined;
      const fallen = new Promise<never>((_resolve, reject) => {
        refuse = reject;
      });
      fallen.catch(() => undefined); // a later failure is no longer awaited
      let [isReady, starts] = [false, 1];
      const onFall = (words: string): void => {
        const fall = `a worker of ${build.name} ended by itself: ${words}`;
        if (isReady) falls.push(fall);
        // newly started servers may be slow to answer
        else if (starts === mostStarts) refuse(new Error(fall));
        starts += 1;
      };
      const member = { build, worker: startWorker(link, configFile, onFall, build.root) };
      members.push(member);
      await Promise.race([member.worker.ready(), fallen]);
      isReady = true;
      say(`a worker of ${build.name} joined`);
      return member;
    },
    leave: async (member) => {
      await keep(member);
      members.splice(members.indexOf(member), 1);
      const code = await member.worker.stop();
      // null: it was still draining at its deadline, as on an overloaded machine
      if (code !== 0 && code !== null)
        falls.push(`a worker of ${member.build.name} ended with ${code} on SIGTERM: ${member.worker.tail()}`);
      say(`a worker of ${member.build.name} left`);
    },
    kill: async (member) => {
      await keep(member);
      member.worker.signal("SIGKILL");
      say(`a worker of ${member.build.name} was killed`);
    },
    end: async (member) => {
      await keep(member);
      members.splice(members.indexOf(member), 1);
      await member.worker.stop("SIGKILL");
      say(`a worker of ${member.build.name} was killed`);
    },
    handedBack: async () => {
      const sums = new Map(gone);
      for (const member of members) sums.set(member.build.name, (sums.get(member.build.name) ?? 0) + (await handedBackBy(member)));
      return sums;
    },
    stop: async () => {
      await Promise.all(members.splice(0).map(({ worker }) => worker.stop()));
    },
  };
};
