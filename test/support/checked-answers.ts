import { subscribe } from "node:diagnostics_channel";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FastifyInstance } from "fastify";
import { watchAnswers } from "../../http/contract/watch-answers.js";

/** Differences between answers and the contracts of their routes, from this process and from its child processes. */
const createCheckedAnswers = () => {
  const folder = mkdtempSync(join(tmpdir(), "carillon-answers-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "problems");
  const own: string[] = [];
  subscribe("fastify.initialization", (message) =>
    watchAnswers((message as { readonly fastify: FastifyInstance }).fastify, (problem) => own.push(problem)),
  );
  const preloaded = pathToFileURL(fileURLToPath(new URL("answer-watch.js", import.meta.url))).href;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import ${preloaded}`.trim();
  process.env.CARILLON_TEST_ANSWERS = file;
  return {
    /** The differences since the last call. */
    take: (): readonly string[] => {
      const ofChildren = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
      rmSync(file, { force: true });
      return [...new Set([...own.splice(0), ...ofChildren])];
    },
  };
};

type CheckedAnswers = ReturnType<typeof createCheckedAnswers>;

/** Files of one worker share one watch: each would otherwise add another. */
const place = Symbol.for("carillon.checked-answers");
const holder = globalThis as { [place]?: CheckedAnswers };
holder[place] ??= createCheckedAnswers();

export const checkedAnswers: CheckedAnswers = holder[place];
