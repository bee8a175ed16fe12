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

{{/* The enabled workers, each merged over the defaults, as a map by name. */}}
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

{{/* Checks of values that depend on each other, which the schema cannot express. */}}
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
{{- $named := list -}}
{{- range $worker.run -}}
{{- if not (contains "*" .) -}}
{{- $named = append $named . -}}
{{- end -}}
{{- end -}}
{{- range $worker.run -}}
{{- if and (contains "*" .) (not $named) (or $worker.autoscaling.lag $worker.autoscaling.ageSeconds) -}}
{{- fail (printf "%s.run: %s is a pattern: scaling by lag or age needs each queue by its name" $where .) -}}
{{- end -}}
{{- end -}}
{{- if and $worker.autoscaling.ageSeconds (not .values.keda.prometheus) -}}
{{- fail (printf "%s.autoscaling.ageSeconds: needs keda.prometheus, which reports the age" $where) -}}
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
{{- $runtime := dict "queues" $worker.run "timers" $worker.timers "receiptSources" $worker.sources -}}
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

{{/*
Ports that pods connect to, as a list in JSON: those of every address in config, env and the workers' settings (with the
scheme's own where an address names none), those of servers whose addresses lie in the Secret (their usual ones), and
networkPolicy.egressPorts.
*/}}
{{- define "carillon.egressPorts" -}}
{{- $schemes := dict "http" "80" "https" "443" "redis" "6379" "rediss" "6379" "mongodb" "27017" "mongodb+srv" "27017" "smpp" "2775" "ssmpp" "3550" -}}
{{- $ports := dict -}}
{{- range .Values.networkPolicy.egressPorts -}}{{- $_ := set $ports (toString (int .)) true -}}{{- end -}}
{{- $text := toJson (list .Values.config .Values.env .Values.workerDefaults .Values.workers) -}}
{{- range $url := regexFindAll "[a-z]+(\\+srv)?://[^\"\\s]+" $text -1 -}}
{{- $parts := regexSplit "://" $url 2 -}}
{{- $preset := get $schemes (first $parts) -}}
{{- $authority := regexReplaceAll "[/?#].*$" (regexReplaceAll "^[^/]*@" (last $parts) "") "" -}}
{{- range splitList "," $authority -}}
{{- $port := trimPrefix ":" (regexFind ":[0-9]+$" .) | default $preset -}}
{{- if $port -}}{{- $_ := set $ports $port true -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $list := regexFindAll "\"[^\"\\s/@]*[^\"\\s/@0-9:]:[0-9]{2,5}(,[^\"\\s/@]+:[0-9]{2,5})*\"" $text -1 -}}
{{- range splitList "," (trimAll "\"" $list) -}}{{- $_ := set $ports (trimPrefix ":" (regexFind ":[0-9]+$" .)) true -}}{{- end -}}
{{- end -}}
{{- range $list := regexFindAll "\"[0-9.]+:[0-9]{2,5}(,[0-9.]+:[0-9]{2,5})*\"" $text -1 -}}
{{- if contains "." $list -}}
{{- range splitList "," (trimAll "\"" $list) -}}{{- $_ := set $ports (trimPrefix ":" (regexFind ":[0-9]+$" .)) true -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $provider := default dict .Values.config.providers -}}
{{- if and (kindIs "map" $provider) (eq (toString (get $provider "type")) "smtp") -}}
{{- $_ := set $ports (toString (int (default 587 (get $provider "port")))) true -}}
{{- end -}}
{{- end -}}
{{- $env := .Values.env -}}
{{- $config := .Values.config -}}
{{- if not (or (hasKey $env "CARILLON_KAFKA_BROKERS") (dig "kafka" "brokers" "" $config)) -}}
{{- range list "9092" "9093" "9094" "9096" "9098" -}}{{- $_ := set $ports . true -}}{{- end -}}
{{- end -}}
{{- $redis := or (hasKey $env "CARILLON_REDIS_URL") (hasKey $env "CARILLON_REDIS_SENTINELS") (hasKey $env "CARILLON_REDIS_CLUSTER") -}}
{{- if not (or $redis (dig "redis" "url" "" $config) (dig "redis" "cluster" "" $config) (dig "redis" "sentinel" "addresses" "" $config)) -}}
{{- range list "6379" "26379" -}}{{- $_ := set $ports . true -}}{{- end -}}
{{- end -}}
{{- if or (hasKey $env "CARILLON_REDIS_SENTINELS") (dig "redis" "sentinel" "addresses" "" $config) -}}{{- $_ := set $ports "6379" true -}}{{- end -}}
{{- if not (or (hasKey $env "CARILLON_MONGO_URL") (dig "mongo" "url" "" $config)) -}}{{- $_ := set $ports "27017" true -}}{{- end -}}
{{- if not (or (hasKey $env "CARILLON_REGISTRY_URL") (dig "registry" "url" "" $config)) -}}
{{- range list "8081" "443" -}}{{- $_ := set $ports . true -}}{{- end -}}
{{- end -}}
{{- $numbers := list -}}
{{- range $port := keys $ports | sortAlpha -}}{{- $numbers = append $numbers (int $port) -}}{{- end -}}
{{ toJson $numbers }}
{{- end }}
