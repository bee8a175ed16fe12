import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

const program = fileURLToPath(new URL("./closed-log.ts", import.meta.url));
const endsWithinMs = 15_000;

describe.each(kafkaClients)("a log by %s that closes while it asks", (client) => {
  it("leaves no connection that would keep its process alive, and gives no warnings", async () => {
    const child = fork(program, [client, serverAddress("KAFKA"), uniqueName("closed")], { execArgv: ["--import", "tsx"] });
    const ended = new Promise<string>((resolve) => child.once("exit", (code, signal) => resolve(`${code ?? signal}`)));
    const warnings = new Promise<unknown>((resolve) => child.once("message", resolve));
    expect(await Promise.race([warnings, ended])).toEqual([]);
    const timer = setTimeout(() => child.kill("SIGKILL"), endsWithinMs);
    expect(await ended).toBe("0");
    clearTimeout(timer);
  });
});
