import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { MessageView } from "../../../operations/message-view.js";
import { cleanEnvironment } from "../../support/clean-environment.js";
import { eventually } from "../../support/eventually.js";
import { startOn } from "../../support/running.js";
import { scratchFolder } from "../../support/scratch.js";

const program = fileURLToPath(new URL("../../support/crashing-threads.js", import.meta.url));

it.each([
  ["throws an error that nothing handles", "throw", "the thread others ended: a library threw where nobody could catch it"],
  ["runs out of memory", "hoard", "the thread others ended: Worker terminated due to reaching memory limit"],
])(
  "a thread that %s ends the process, which names it, and nothing accepted is lost",
  async (_what, text, words) => {
    const scratch = scratchFolder();
    const folder = join(scratch.path, "data");
    const environment = { ...cleanEnvironment(), CARILLON_DATA_DIR: folder, CARILLON_PORT: "0" };
    const child = spawn(process.execPath, ["--max-old-space-size=128", program], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    const ended = once(child, "exit") as Promise<[number | null, string | null]>;
    const url = await eventually(
      () => /ready at (http:\S+)/.exec(output)?.[1] ?? "",
      (found) => found !== "",
      60_000,
    );
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ channel: "sms", to: "+14155550100", content: { text } }),
    });
    const { id } = (await response.json()) as { readonly id: string };
    const [code, signal] = await ended;
    expect({ code: code !== 0, signal }).toEqual({ code: true, signal: null });
    expect(output).toContain(words);
    expect(output).toContain("THREAD_ENDED");
    const running = await startOn(folder);
    const view = await eventually(
      async () => (await (await running.ask(`/v1/messages/${id}`)).json()) as MessageView,
      ({ final }) => final,
      60_000,
    );
    expect(view.status).toBe("delivered");
    await running.stop();
    scratch.remove();
  },
  120_000,
);
