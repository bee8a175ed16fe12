{{- define "carillon.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "carillon.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "carillon.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "carillon.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default .Release.Name }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- define "carillon.prefix" -}}
{{ dig "topics" "prefix" "carillon" .Values.config }}
{{- end }}

{{/* The workers that are on, each over the defaults, as a map by name. */}}
{{- define "carillon.workers" -}}
{{- $workers := dict -}}
{{- range $name, $given := .Values.workers -}}
{{- $worker := mergeOverwrite (deepCopy $.Values.workerDefaults) (deepCopy (default dict $given)) -}}
{{- if $worker.enabled -}}
{{- include "carillon.check" (dict "name" $name "worker" $worker "values" $.Values) -}}
{{- $_ := set $workers $name $worker -}}
{{- end -}}
{{- end -}}
{{ toYaml $workers }}
{{- end }}

{{/* What single values cannot say: how they fit together. */}}
{{- define "carillon.check" -}}
{{- $where := printf "workers.%s" .name -}}
{{- $worker := .worker -}}
{{- if and (or $worker.consumers $worker.concurrency) (not $worker.queue) -}}
{{- fail (printf "%s.queue: consumers and concurrency belong to a queue: name it (lanes.critical, receipts …), or set them by settings" $where) -}}
{{- end -}}
{{- if and $worker.queue $worker.consumers -}}
{{- $part := .values.config -}}
{{- range splitList "." $worker.queue -}}{{- $part = get (default dict $part) . -}}{{- end -}}
{{- $partitions := int (get (default dict $part) "partitions") -}}
{{- $scaled := ne $worker.autoscaling.kind "none" -}}
{{- $replicas := int (ternary $worker.autoscaling.maxReplicas $worker.replicas $scaled) -}}
{{- if and $partitions (gt (int $worker.consumers) $partitions) -}}
{{- fail (printf "%s.consumers: %d for %d partitions of %s, so some would idle" $where (int $worker.consumers) $partitions $worker.queue) -}}
{{- end -}}
{{- if and $partitions (not $scaled) (gt (mul $replicas (int $worker.consumers)) $partitions) -}}
{{- fail (printf "%s.replicas: %d of %d consumers for %d partitions of %s, so some would idle" $where $replicas (int $worker.consumers) $partitions $worker.queue) -}}
{{- end -}}
{{- end -}}
{{- if eq $worker.autoscaling.kind "keda" -}}
{{- range $worker.run -}}
{{- if and (contains "*" .) (or $worker.autoscaling.lag $worker.autoscaling.ageSeconds) -}}
{{- fail (printf "%s.run: %s is a pattern: scaling by lag or age needs each queue by its name" $where .) -}}
{{- end -}}
{{- end -}}
{{- if and $worker.autoscaling.ageSeconds (not .values.keda.prometheus) -}}
{{- fail (printf "%s.autoscaling.ageSeconds: needs keda.prometheus, which knows the age" $where) -}}
{{- end -}}
{{- end -}}
{{- if gt (int $worker.autoscaling.minReplicas) (int $worker.autoscaling.maxReplicas) -}}
{{- fail (printf "%s.autoscaling.minReplicas: %d is more than maxReplicas, %d" $where (int $worker.autoscaling.minReplicas) (int $worker.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- end }}

{{/* The configuration of one worker. */}}
{{- define "carillon.config" -}}
{{- $worker := .worker -}}
{{- $numbers := dict -}}
{{- if $worker.consumers -}}{{- $_ := set $numbers "consumers" $worker.consumers -}}{{- end -}}
{{- if $worker.concurrency -}}{{- $_ := set $numbers "concurrency" $worker.concurrency -}}{{- end -}}
{{- range reverse (splitList "." $worker.queue) -}}{{- if . -}}{{- $numbers = dict . $numbers -}}{{- end -}}{{- end -}}
{{- $runtime := dict "only" $worker.run "expireListener" $worker.timers "receiptSources" $worker.sources -}}
{{- $own := dict "runtime" $runtime "jobs" (dict "enabled" $worker.jobs) -}}
{{ toYaml (mergeOverwrite (deepCopy .config) $own $numbers (deepCopy $worker.settings)) }}
{{- end }}

{{- define "carillon.securityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "carillon.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "carillon.env" -}}
env:
  - name: CARILLON_CONFIG
    value: /config/carillon.yaml
  - name: CARILLON_DATA_DIR
    value: /data
  - name: CARILLON_INSTANCE
    valueFrom: { fieldRef: { fieldPath: metadata.name } }
  {{- range $key, $value := .Values.env }}
  - name: {{ $key }}
    value: {{ $value | quote }}
  {{- end }}
envFrom:
  - secretRef: { name: {{ .Values.secretName }} }
{{- end }}

{{- define "carillon.volumeMounts" -}}
volumeMounts:
  - { name: config, mountPath: /config, readOnly: true }
  - { name: data, mountPath: /data }
  {{- range $index, $file := .Values.secretFiles }}
  - { name: secret-{{ $index }}, mountPath: {{ $file.mountPath }}, readOnly: true }
  {{- end }}
{{- end }}

{{- define "carillon.volumes" -}}
volumes:
  - name: config
    configMap: { name: {{ .configMap }} }
  - name: data
    emptyDir: { sizeLimit: 256Mi }
  {{- range $index, $file := .root.Values.secretFiles }}
  - name: secret-{{ $index }}
    secret: { secretName: {{ $file.secret }}, defaultMode: 0440 }
  {{- end }}
{{- end }}
