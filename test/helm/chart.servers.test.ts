import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import { PrometheusRule, ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { loadConfig } from "../../service/load-config.js";
import { allDeliveryQueues } from "../../topology/delivery-queues.js";
import { namesOf } from "../../topology/names.js";
import { matchesQueue } from "../../topology/queues.js";
import { type HelmRunner, installHelm } from "../servers/helm.js";
import { installPythonTools } from "../servers/python-tools.js";
import { runCommand } from "../servers/shell.js";
import { scratchFolder } from "../support/scratch.js";
import { type Manifest, matches, podLabels, podOf } from "./manifests.js";

/**
 * Tests the chart with Helm itself: linted, rendered, and its manifests checked against the schemas, a policy, and Carillon's own
 * configuration.
 */

const chart = fileURLToPath(new URL("../../helm", import.meta.url));
const folder = scratchFolder();
let helm: HelmRunner;
let python = "";

beforeAll(async () => {
  [helm, python] = await Promise.all([installHelm(), installPythonTools()]);
});
afterAll(() => folder.remove());

/** Helm's library does not render hooks, so a copy of the chart without them must have the same manifests. */
const withoutHooks = (): string => {
  const copy = join(folder.path, "chart");
  cpSync(chart, copy, { recursive: true });
  for (const file of ["templates/prepare.yaml", "templates/tests/doctor.yaml"]) {
    const text = readFileSync(join(copy, file), "utf8");
    writeFileSync(join(copy, file), text.replaceAll(/ *annotations:\n( +helm\.sh\/hook.*\n)+/g, ""));
  }
  return copy;
};

const render = async (...values: readonly string[]): Promise<Manifest[]> => {
  const files = values.map((value) => (value.endsWith(".yaml") ? resolve(chart, value) : value));
  const text = await helm.template(withoutHooks(), ...files);
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
};

const configOf = (manifests: readonly Manifest[], name: string) => {
  const text = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name)?.data?.["carillon.yaml"];
  const file = join(folder.path, `${name}.yaml`);
  writeFileSync(file, text ?? "");
  return file;
};

const valueFiles = [
  { name: "values.yaml", values: [] },
  { name: "values-small.yaml", values: ["values-small.yaml"] },
  { name: "values-large.yaml", values: ["values-large.yaml"] },
];

it("passes Helm's linter, strictly", async () => {
  expect(await helm.lint(chart)).not.toMatch(/ERROR|WARNING/);
});

describe.each(valueFiles)("the chart by $name", ({ values }) => {
  let manifests: readonly Manifest[] = [];
  beforeAll(async () => {
    manifests = await render(...values);
  });

  it("is what Kubernetes' schemas say, without a field that they do not know", async () => {
    const own = manifests.filter(({ apiVersion }) => !/^(keda\.sh|monitoring\.coreos\.com)\//.test(apiVersion));
    const file = join(folder.path, "manifests.yaml");
    writeFileSync(file, own.map((manifest) => `---\n${stringify(manifest)}`).join(""));
    const script =
      "import kubernetes_validate,sys,yaml\nfor d in yaml.safe_load_all(open(sys.argv[1])): kubernetes_validate.validate(d, '1.31', strict=True)";
    await runCommand(python, ["-c", script, file]);
  });

  it("is what the schemas of KEDA and Prometheus' operator say", () => {
    const models = { ScaledObject, ServiceMonitor, PrometheusRule };
    for (const manifest of manifests) {
      const Model = models[manifest.kind as keyof typeof models];
      if (Model) new Model(manifest as never).validate();
    }
  });

  it("has no pod that may do more than it must", () => {
    const kinds = new Set(manifests.filter((manifest) => podOf(manifest)).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["Deployment", "Job", "Pod"]);
    const pods = manifests.flatMap((manifest) => podOf(manifest) ?? []);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: "RuntimeDefault" } },
      });
      expect(pod.hostNetwork).toBeUndefined();
      expect(pod.volumes.filter(({ hostPath }) => hostPath)).toEqual([]);
      for (const { image, securityContext, resources, volumeMounts } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(resources).toMatchObject({
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
        expect(image).toMatch(/:\d|@sha256:/);
        expect(volumeMounts.filter(({ mountPath, readOnly }) => mountPath !== "/data" && !readOnly)).toEqual([]);
      }
    }
  });

  it("watches over each Deployment: probes, a disruption budget, a network policy, its own ConfigMap", () => {
    const kinds = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
    const [policy] = kinds("NetworkPolicy");
    for (const deployment of kinds("Deployment")) {
      const labels = podLabels(deployment);
      const pod = podOf(deployment);
      expect(pod?.containers[0]).toMatchObject({
        livenessProbe: expect.anything(),
        readinessProbe: expect.anything(),
        startupProbe: expect.anything(),
      });
      expect(matches(deployment.spec.selector.matchLabels, labels)).toBe(true);
      expect(kinds("PodDisruptionBudget").filter(({ spec }) => matches(spec.selector.matchLabels, labels))).toHaveLength(1);
      expect(matches(policy?.spec.podSelector.matchLabels, labels)).toBe(true);
      const scalers = [...kinds("HorizontalPodAutoscaler"), ...kinds("ScaledObject")];
      const scaled = scalers.filter(({ spec }) => spec.scaleTargetRef.name === deployment.metadata.name);
      // an upgrade must not reset a scaler's value
      expect(scaled).toHaveLength(deployment.spec.replicas === undefined ? 1 : 0);
    }
    const [service] = kinds("Service");
    expect(kinds("Deployment").some((one) => matches(service?.spec.selector, podLabels(one)))).toBe(true);
  });

  it("gives each pod a configuration that Carillon takes, and each queue to somebody", () => {
    const environment = {
      CARILLON_API_KEY: "an-operator-key-of-the-chart-test",
      CARILLON_KAFKA_BROKERS: "kafka:9092",
      CARILLON_REDIS_URL: "redis://redis:6379",
      CARILLON_MONGO_URL: "mongodb://mongo:27017",
      CARILLON_REGISTRY_URL: "http://registry:8081",
    };
    const configs = manifests.flatMap((manifest) => {
      const name = podOf(manifest)?.volumes.find(({ configMap }) => configMap)?.configMap?.name;
      return name === undefined ? [] : [{ manifest, config: loadConfig({ file: configOf(manifests, name), environment }) }];
    });
    const workers = configs.filter(({ manifest }) => manifest.kind === "Deployment").map(({ config }) => config);
    const queues = allDeliveryQueues(loadConfig({ environment: {} }));
    expect(queues.filter(({ name }) => !workers.some(({ runtime }) => matchesQueue(runtime.queues, name)))).toEqual([]);
    expect(workers.some(({ runtime }) => runtime.timers)).toBe(true);
    expect(workers.some(({ runtime }) => runtime.receiptSources)).toBe(true);
    expect(workers.some(({ jobs }) => jobs.enabled)).toBe(true);
  });

  it("scales by queues that there are", () => {
    const defaults = loadConfig({ environment: {} });
    const names = namesOf(defaults);
    const known = new Map(allDeliveryQueues(defaults).map((queue) => [names.groupOf(queue), names.topicOf(queue.topic)]));
    for (const { spec } of manifests.filter(({ kind }) => kind === "ScaledObject")) {
      for (const { type, metadata } of spec.triggers) {
        if (type === "kafka") expect(known.get(metadata.consumerGroup)).toBe(metadata.topic);
        if (type === "prometheus") expect(metadata.query).toContain("carillon_lag_seconds{");
      }
    }
  });
});

describe("the network policy", () => {
  const portsBy = async (values: object): Promise<number[]> => {
    const file = join(folder.path, "network-values.yaml");
    writeFileSync(file, stringify(values));
    const policy = (await render(file)).find(({ kind }) => kind === "NetworkPolicy");
    const egress = policy?.spec.egress as readonly { readonly ports?: readonly { readonly port: number; readonly protocol: string }[] }[];
    return egress
      .flatMap(({ ports = [] }) => ports.flatMap(({ port, protocol }) => (protocol === "TCP" ? [port] : [])))
      .sort((a, b) => a - b);
  };

  it("lets pods reach the servers of the chart's own values, names, and webhooks", async () => {
    expect(await portsBy({})).toEqual([53, 80, 443, 6_379, 8_081, 9_092, 27_017]);
  });

  it("follows every address that is configured, in whichever form", async () => {
    const ports = await portsBy({
      env: {
        CARILLON_KAFKA_BROKERS: "b-1.msk.example:9098,b-2.msk.example:9096,10.0.0.7:9094",
        CARILLON_REDIS_URL: ["rediss://user:$", "{env:REDIS_PASSWORD}@redis.example:6390/1"].join(""),
        CARILLON_MONGO_URL: "mongodb://u:p@m1.example:27018,m2.example/carillon?replicaSet=a",
        CARILLON_REGISTRY_URL: "https://registry.example/apis?x=1:1234",
        HTTPS_PROXY: "http://proxy.example:3128",
      },
      config: {
        tracing: { url: "http://collector:4318" },
        providers: {
          relay: { type: "smtp", host: "mail.example", port: 25 },
          tls: { type: "smtp", host: "mail.example", port: 465, secure: true },
          preset: { type: "smtp", host: "mail.example" },
          smsc: { type: "smpp", url: "ssmpp://smsc.example" },
          plain: { type: "smpp", url: "smpp://smsc.example:2776" },
        },
      },
      workers: { respond: { settings: { redis: { sentinel: { addresses: ["sentinel-0.example:26379"] } } } } },
    });
    const expected = [465, 587, 2_776, 3_128, 3_550, 4_318, 6_390, 9_094, 9_096, 9_098, 26_379, 27_017, 27_018];
    expect(ports).toEqual([25, 53, 80, 443, ...expected]);
  });

  it("expects servers whose addresses lie in the Secret at their usual ports", async () => {
    const hidden = { CARILLON_KAFKA_BROKERS: null, CARILLON_REDIS_URL: null, CARILLON_MONGO_URL: null, CARILLON_REGISTRY_URL: null };
    const usual = [6_379, 8_081, 9_092, 9_093, 9_094, 9_096, 9_098, 26_379, 27_017];
    expect(await portsBy({ env: hidden })).toEqual([53, 80, 443, ...usual]);
  });

  it("lets pods reach everything where that is wanted", async () => {
    expect(await portsBy({ networkPolicy: { anyEgress: true } })).toEqual([]);
  });
});

it("scales a Deployment by CPU where that is wanted", async () => {
  const manifests = await render("workers.respond.autoscaling.kind=hpa");
  expect(manifests.filter(({ kind }) => kind === "HorizontalPodAutoscaler").map(({ metadata }) => metadata.name)).toEqual([
    "carillon-respond",
  ]);
});

it.each([
  ["config.lanes.critical.partitionz=3", /lanes\/critical.*partitionz/s],
  ["config.colour=red", /colour/],
  ["workers.respond.replica=3", /respond.*replica/s],
  ["workers.respond.queue=lanes.urgent", /respond\/queue/],
  ["image.pullPolicy=Sometimes", /pullPolicy/],
  ["workers.intake-critical.replicas=3", /workers\.intake-critical\.replicas: 3 of 6 consumers for 12 partitions of lanes\.critical/],
  ["workers.intake-bulk.consumers=4", /workers\.intake-bulk\.consumers: 4 for 3 partitions/],
  ["workers.all.consumers=2 workers.all.enabled=true", /workers\.all\.queue/],
  [
    "workers.respond.autoscaling.kind=keda workers.respond.autoscaling.ageSeconds=5",
    /workers\.respond\.autoscaling\.ageSeconds: needs keda\.prometheus/,
  ],
])("refuses %s by its name", async (values, message) => {
  await expect(helm.template(chart, ...values.split(" "))).rejects.toThrow(message);
});
