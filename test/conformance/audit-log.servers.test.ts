import { createMongoAuditLog } from "../../stores/audit/mongo/mongo-audit-log.js";
import { systemClock } from "../../stores/clock.js";
import { createMongoConnection } from "../../stores/mongo/mongo-connection.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { describeAuditLog } from "./audit-log.js";

describeAuditLog({
  name: "MongoDB",
  pass: (ms) => systemClock.sleep(ms),
  open: async () => createMongoAuditLog(createMongoConnection({ url: serverAddress("MONGO"), database: uniqueName("test") })),
});
