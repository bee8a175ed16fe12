import { describe, expect, it } from "vitest";
import { driftsOf } from "../../stores/event-log/kafka/topic-drifts.js";

const spec = { topic: "requests", partitions: 2, retentionMs: 604_800_000 };
const fitting = {
  "cleanup.policy": "delete",
  "retention.ms": "604800000",
  "retention.bytes": "-1",
  "max.message.bytes": "1048588",
  "min.insync.replicas": "2",
};
const driftsWith = (changed: Readonly<Record<string, string>>, { copies = 3, minInSyncReplicas = 2, ...more }: Partial<Given> = {}) =>
  driftsOf(
    { ...spec, ...more },
    { settings: new Map(Object.entries({ ...fitting, ...changed })), copies },
    { replicationFactor: 3, minInSyncReplicas },
  );

interface Given {
  readonly copies: number;
  readonly minInSyncReplicas: number | null;
  readonly retentionMs: number;
  readonly maxRecordBytes: number;
}

describe("the settings of a topic", () => {
  it.each<[string, Readonly<Record<string, string>>, Partial<Given>]>([
    ["that Carillon gave it", {}, {}],
    ["of a broker's defaults that do", { "min.insync.replicas": "1" }, { minInSyncReplicas: null, copies: 1 }],
    ["of a broker of Kafka 2", { "max.message.bytes": "1000012" }, {}],
    ["without any removal", { "cleanup.policy": "" }, {}],
    ["for ever", { "retention.ms": "-1" }, { retentionMs: -1 }],
    ["with fewer copies than configured, all of which count", { "min.insync.replicas": "1" }, { copies: 1 }],
  ])("fit: those %s", (_what, changed, given) => {
    expect(driftsWith(changed, given)).toEqual([]);
  });

  it.each<[string, string, string, boolean, Partial<Given>]>([
    ["cleanup.policy", "compact", "delete", true, {}],
    ["cleanup.policy", "compact,delete", "delete", true, {}],
    ["retention.ms", "3600000", "604800000", true, {}],
    ["retention.ms", "3600000", "-1", true, { retentionMs: -1 }],
    ["retention.ms", "-1", "604800000", false, {}],
    ["retention.ms", "604800001", "604800000", false, {}],
    ["retention.bytes", "1073741824", "-1", true, {}],
    ["max.message.bytes", "20000", "900000", true, {}],
    ["max.message.bytes", "1048588", "2097152", true, { maxRecordBytes: 2_097_152 }],
    ["min.insync.replicas", "4", "2", true, {}],
    ["min.insync.replicas", "2", "1", true, { copies: 1 }],
    ["min.insync.replicas", "3", "1", true, { copies: 2, minInSyncReplicas: null }],
    ["min.insync.replicas", "1", "2", true, {}],
  ])("differ: %s %s, where %s would do", (setting, value, needed, harmful, given) => {
    expect(driftsWith({ [setting]: value }, given)).toMatchObject([{ topic: "requests", setting, value, needed, harmful }]);
  });

  it("that a broker does not report are not looked at", () => {
    expect(driftsOf(spec, { settings: new Map(), copies: 1 }, { replicationFactor: 1 })).toEqual([]);
  });
});
