import { describe, expect, it } from "vitest";
import { auditIdOf } from "../../stores/audit/audit-id.js";
import { createLmdbAuditLog } from "../../stores/audit/lmdb-audit-log.js";
import { createMemoryAuditLog } from "../../stores/audit/memory-audit-log.js";
import { type LmdbEnvironment, openEnvironment } from "../../stores/lmdb-environment.js";
import { createKeyRing } from "../../stores/sealed/key-ring.js";
import { sealedAuditLog } from "../../stores/sealed/sealed-audit-log.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { scratchFolder } from "../support/scratch.js";
import { describeAuditLog } from "./audit-log.js";

const clock = createVirtualClock();
const pass = async (ms: number): Promise<void> => clock.advance(ms);
const ring = () => createKeyRing({ active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } });

const folder = scratchFolder();
let environment: LmdbEnvironment | undefined;

describeAuditLog({ name: "memory", pass, open: async () => createMemoryAuditLog() });
describeAuditLog({ name: "memory, sealed", pass, open: async () => sealedAuditLog(createMemoryAuditLog(), ring()) });
describeAuditLog({
  name: "LMDB",
  pass,
  open: async () => {
    environment = openEnvironment(folder.path);
    return createLmdbAuditLog(environment);
  },
  dispose: async () => {
    await environment?.close();
    folder.remove();
  },
});

describe("a sealed audit log", () => {
  it("stores no state that can be read without the key", async () => {
    const raw = createMemoryAuditLog();
    const states = { before: { email: "ann@example.com" }, after: { email: "ann@example.org" } };
    const entry = { id: auditIdOf(new Date(0), "a"), actor: "key:shop:k1", action: "user.put", tenant: "shop", target: "user 7" };
    await sealedAuditLog(raw, ring()).record([{ ...entry, ...states, requestId: null, people: [] }]);
    expect(JSON.stringify(await raw.page({ limit: 1 }))).not.toContain("example.");
    expect(await sealedAuditLog(raw, ring()).page({ limit: 1 })).toMatchObject([states]);
  });
});
