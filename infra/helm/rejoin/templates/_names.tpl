{{/* Names, labels and other text that several templates use. A component is edge, router or history. */}}

{{- define "rejoin.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The beginning of all names: the name of the release, or also the name of the chart. It is short enough for the rest of each name. */}}
{{- define "rejoin.fullname" -}}
{{- $name := include "rejoin.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of a component. Takes root and component. */}}
{{- define "rejoin.componentName" -}}
{{ include "rejoin.fullname" .root }}-{{ .component }}
{{- end -}}

{{/* The labels that select the pods of one component. They never change. Takes root and component. */}}
{{- define "rejoin.selector" -}}
app.kubernetes.io/name: {{ include "rejoin.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of pods. None changes with the chart alone, because pods are replaced when a label changes. Takes root and component. */}}
{{- define "rejoin.podLabels" -}}
{{ include "rejoin.selector" . }}
app.kubernetes.io/part-of: rejoin
app.kubernetes.io/version: {{ include "rejoin.tag" . | splitList "@" | first | trunc 63 | quote }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of all other objects. Takes root and component. */}}
{{- define "rejoin.labels" -}}
{{ include "rejoin.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{- define "rejoin.values" -}}
{{ index .root.Values (ternary "edge" .component (has .component (list "test" "observability"))) | toYaml }}
{{- end -}}

{{/* Takes root and component. */}}
{{- define "rejoin.tag" -}}
{{- $own := include "rejoin.values" . | fromYaml -}}
{{- coalesce $own.image.tag .root.Values.image.tag .root.Chart.AppVersion -}}
{{- end -}}

{{/* Takes root and component. */}}
{{- define "rejoin.image" -}}
{{- $own := include "rejoin.values" . | fromYaml -}}
{{ .root.Values.image.repository }}{{ $own.image.name }}:{{ include "rejoin.tag" . }}
{{- end -}}

{{/* Takes root and component. */}}
{{- define "rejoin.serviceAccountName" -}}
{{- $own := include "rejoin.values" . | fromYaml -}}
{{- if $own.serviceAccount.create -}}
{{ default (include "rejoin.componentName" .) $own.serviceAccount.name }}
{{- else -}}
{{ default "default" $own.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- define "rejoin.trialSecretName" -}}
{{ include "rejoin.fullname" . }}-trial
{{- end -}}

{{/* An environment variable with a value from a Secret. Takes root, variable, reference (existingSecret and key), trialKey. */}}
{{- define "rejoin.secretEnv" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      {{- if .root.Values.trialSecrets.enabled }}
      name: {{ include "rejoin.trialSecretName" .root }}
      key: {{ .trialKey }}
      {{- else }}
      name: {{ .reference.existingSecret }}
      key: {{ .reference.key }}
      {{- end }}
{{- end -}}

{{/* The environment of all services. Takes root and component. Kafka settings of one service win over those of all services. */}}
{{- define "rejoin.sharedEnv" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $own := (index .root.Values .component).kafka -}}
{{- $secrets := mergeOverwrite (deepCopy $kafka.secretSettings) $own.secretSettings -}}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ join "," $kafka.bootstrapServers | quote }}
- name: REJOIN_PREFIX
  value: {{ $kafka.prefix | quote }}
{{- range $name, $value := mergeOverwrite (deepCopy $kafka.settings) $own.settings }}
{{- if hasKey $secrets $name }}
{{- fail (printf "\nkafka: %s stands both in settings and in secretSettings of %s" $name $.component) }}
{{- end }}
- name: {{ include "rejoin.kafkaVariable" $name }}
  value: {{ kindIs "float64" $value | ternary (include "rejoin.number" $value) $value | quote }}
{{- end }}
{{- range $name, $reference := $secrets }}
- name: {{ include "rejoin.kafkaVariable" $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $reference.existingSecret }}
      key: {{ $reference.key }}
{{- end }}
- name: REJOIN_LOG
  value: {{ .root.Values.log | quote }}
- name: REJOIN_LOG_FORMAT
  value: {{ .root.Values.logFormat }}
- name: REJOIN_TRACES
  value: {{ .root.Values.traces.part | quote }}
{{- with .root.Values.traces.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* The environment variable of a Kafka setting: security.protocol is KAFKA_SECURITY_PROTOCOL. */}}
{{- define "rejoin.kafkaVariable" -}}
KAFKA_{{ . | upper | replace "." "_" }}
{{- end -}}

{{/* A number of seconds, in the format of durations that the services read. */}}
{{- define "rejoin.seconds" -}}
{{ printf "PT%dS" (int64 .) }}
{{- end -}}

{{/* A whole number. Without this, YAML writes 1048576 as 1.048576e+06. */}}
{{- define "rejoin.number" -}}
{{ int64 . | toString }}
{{- end -}}

{{/* How long an edge may take to stop, in seconds. infra/README.md explains the sum. */}}
{{- define "rejoin.edgeGrace" -}}
{{ add (int64 .Values.edge.drainDelaySeconds) (mul 2 (int64 .Values.edge.drainSeconds)) 15 }}
{{- end -}}
