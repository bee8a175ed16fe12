import { z } from "zod";
import { configSchema, loadConfig } from "../service/load-config.js";
import { allDeliveryQueues } from "../topology/delivery-queues.js";

/** The values of the Helm chart. `npm run generate` writes helm/values.schema.json from this file. */

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const anything = z.record(z.string(), z.unknown());
const resources = z.strictObject({ requests: anything, limits: anything }).partial();
const replicas = z.int().min(0).max(1_000);
const path = z.string().regex(/^\//);

/** Parts of the configuration that have their own consumers. */
const parts = ["", ...new Set(allDeliveryQueues(loadConfig({ environment: {} })).flatMap(({ sizedBy }) => sizedBy ?? []))];

const autoscaling = z
  .strictObject({
    kind: z.enum(["none", "hpa", "keda"]),
    minReplicas: replicas,
    maxReplicas: replicas,
    cpu: z.int().min(0).max(1_000),
    lag: z.int().min(0),
    ageSeconds: z.int().min(0),
  })
  .partial();

const worker = z
  .strictObject({
    enabled: z.boolean(),
    replicas,
    run: z.array(z.string().regex(/^(none|[a-z*]+\/[A-Za-z0-9_.*-]+)$/)),
    queue: z.enum(parts),
    consumers: z.int().min(1).max(1_000).nullable(),
    concurrency: z.int().min(1).max(10_000).nullable(),
    http: z.boolean(),
    timers: z.boolean(),
    sources: z.boolean(),
    jobs: z.boolean(),
    settings: z.lazy(() => config),
    resources,
    autoscaling,
    maxUnavailable: z.union([z.int().min(0), z.string().regex(/^\d{1,3}%$/)]),
    terminationGracePeriodSeconds: z.int().min(1).max(3_600),
    nodeSelector: labels,
    tolerations: z.array(anything),
    affinity: anything,
    podAnnotations: labels,
  })
  .partial();

const config = configSchema.meta({ id: "config" });

const valuesSchema = z.strictObject({
  global: anything.optional(),
  image: z
    .strictObject({
      repository: z.string().min(1),
      tag: z.string(),
      digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
      pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
      pullSecrets: z.array(z.strictObject({ name })),
    })
    .partial(),
  config,
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()),
  secretName: name,
  secretFiles: z.array(z.strictObject({ secret: name, mountPath: path })),
  workerDefaults: worker,
  workers: z.record(name, worker.nullable()),
  service: z
    .strictObject({ type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]), port: z.int().min(1).max(65_535), annotations: labels })
    .partial(),
  ingress: z
    .strictObject({ enabled: z.boolean(), className: z.string(), host: z.string().min(1), tlsSecret: z.string(), annotations: labels })
    .partial(),
  serviceAccount: z.strictObject({ create: z.boolean(), name: z.string(), annotations: labels }).partial(),
  prepare: z.strictObject({ enabled: z.boolean(), deadlineSeconds: z.int().min(1) }).partial(),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean(),
      from: z.array(anything),
      egressPorts: z.array(z.int().min(1).max(65_535)),
      anyEgress: z.boolean(),
    })
    .partial(),
  spread: z.strictObject({ enabled: z.boolean() }).partial(),
  monitoring: z
    .strictObject({
      serviceMonitor: z.strictObject({ enabled: z.boolean(), interval: z.string().regex(/^\d+(ms|s|m)$/), labels }).partial(),
      prometheusRule: z.strictObject({ enabled: z.boolean(), labels }).partial(),
      dashboard: z.strictObject({ enabled: z.boolean(), labels }).partial(),
    })
    .partial(),
  keda: z
    .strictObject({
      prometheus: z.string().regex(/^(https?:\/\/\S+)?$/),
      kafkaAuthentication: z.string(),
      pollingInterval: z.int().min(1),
      cooldownPeriod: z.int().min(0),
    })
    .partial(),
});

/** Patterns in Helm have no look-around and no named groups. */
const isForeign = (pattern: string): boolean => /\(\?[=!<]/.test(pattern);

/** The schema with which Helm refuses a wrong value and names its key. */
export const helmValuesSchema = (): object =>
  z.toJSONSchema(valuesSchema, {
    io: "input",
    target: "draft-7",
    reused: "ref",
    override: ({ jsonSchema }) => {
      if (jsonSchema.pattern !== undefined && isForeign(jsonSchema.pattern)) delete jsonSchema.pattern;
      delete jsonSchema.format; // its meaning differs between readers of a schema; Carillon checks the value when it starts
      delete jsonSchema.default; // the default of Carillon, not of the chart
    },
  });
