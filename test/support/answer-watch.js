import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { watchAnswers } from "../../dist/http/contract/watch-answers.js";

// preloaded into each child process of a test: reports answers that differ from their contracts to the test's own process
const file = process.env.CARILLON_TEST_ANSWERS;
if (file) subscribe("fastify.initialization", ({ fastify }) => watchAnswers(fastify, (problem) => appendFileSync(file, `${problem}\n`)));
