interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: object;
  readonly resources: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly startupProbe?: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly hostNetwork?: boolean;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string }; readonly hostPath?: object }[];
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: it depends on the kind, and the schemas check it
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

export const podOf = ({ kind, spec }: Manifest): PodSpec | undefined => {
  if (kind === "Pod") return spec as PodSpec;
  return kind === "Deployment" || kind === "Job" ? (spec.template.spec as PodSpec) : undefined;
};

/** Whether a selector selects these labels. */
export const matches = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector).every(([label, value]) => labels[label] === value);

export const podLabels = (manifest: Manifest): Readonly<Record<string, string>> =>
  manifest.kind === "Pod" ? manifest.metadata.labels : manifest.spec.template.metadata.labels;
