{{/* Names, labels and what else is said in several places. A component is edge, router or history. */}}

{{- define "rejoin.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Begins all names: the release's, or with the chart's behind it. Short enough for what follows it. */}}
{{- define "rejoin.fullname" -}}
{{- $name := include "rejoin.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Of a component. Takes root and component. */}}
{{- define "rejoin.componentName" -}}
{{ include "rejoin.fullname" .root }}-{{ .component }}
{{- end -}}

{{/* What tells a component's pods from all others, and never changes. Takes root and component. */}}
{{- define "rejoin.selector" -}}
app.kubernetes.io/name: {{ include "rejoin.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Of pods: nothing that changes with the chart alone, since pods are replaced when their labels change. Takes root and component. */}}
{{- define "rejoin.podLabels" -}}
{{ include "rejoin.selector" . }}
app.kubernetes.io/part-of: rejoin
app.kubernetes.io/version: {{ include "rejoin.tag" . | splitList "@" | first | trunc 63 | quote }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Of everything else. Takes root and component. */}}
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

{{/* An environment variable whose value stands in a Secret. Takes root, variable, reference (existingSecret and key), trialKey. */}}
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

{{/* Of all services; takes root and component. A service's own settings of Kafka's clients come over those of all. */}}
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

{{/* The variable of a setting by Kafka's own name: security.protocol is KAFKA_SECURITY_PROTOCOL. */}}
{{- define "rejoin.kafkaVariable" -}}
KAFKA_{{ . | upper | replace "." "_" }}
{{- end -}}

{{/* A number of seconds as the services read durations. */}}
{{- define "rejoin.seconds" -}}
{{ printf "PT%dS" (int64 .) }}
{{- end -}}

{{/* A whole number; YAML makes 1.048576e+06 of one million. */}}
{{- define "rejoin.number" -}}
{{ int64 . | toString }}
{{- end -}}

{{/* How long an edge may take to end: the sum of its drain, as infra/README.md has it. */}}
{{- define "rejoin.edgeGrace" -}}
{{ add (int64 .Values.edge.drainDelaySeconds) (mul 2 (int64 .Values.edge.drainSeconds)) 15 }}
{{- end -}}
