{{/*
The common parts of the pods of all three services. Takes root, component, port, env (entries as YAML), grace (seconds) and startSeconds.
A start that takes longer than startSeconds has failed. With a tlsSecret, the first port is encrypted, and the probes use metricsPort.
*/}}
{{- define "rejoin.pod" -}}
{{- $own := index .root.Values .component -}}
{{- $probes := .root.Values.probes -}}
{{- $healthPort := ternary "metrics" "http" (not (empty .tlsSecret)) -}}
metadata:
  labels:
    {{- include "rejoin.podLabels" . | nindent 4 }}
    {{- with $own.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- $usesTrial := .root.Values.trialSecrets.enabled }}
  {{- if or $own.podAnnotations $usesTrial }}
  annotations:
    {{- if $usesTrial }}
    checksum/trial-secrets: {{ toJson .root.Values.trialSecrets | sha256sum }}
    {{- end }}
    {{- with $own.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
spec:
  serviceAccountName: {{ include "rejoin.serviceAccountName" . }}
  automountServiceAccountToken: false
  # With service links, a Service called "edge" in this namespace would set the variable EDGE_PORT
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    {{- include "rejoin.podSecurity" .root | nindent 4 }}
  containers:
    - name: {{ .component }}
      image: {{ include "rejoin.image" . | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      ports:
        - name: http
          containerPort: {{ .port }}
        {{- with .metricsPort }}
        - name: metrics
          containerPort: {{ . }}
        {{- end }}
      env:
        {{- include "rejoin.env" . | nindent 8 }}
      {{- with $own.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      startupProbe:
        httpGet: {path: /health/live, port: {{ $healthPort }}}
        periodSeconds: {{ $probes.startup.periodSeconds }}
        timeoutSeconds: {{ $probes.startup.timeoutSeconds }}
        failureThreshold: {{ divf .startSeconds $probes.startup.periodSeconds | ceil | int }}
      livenessProbe:
        httpGet: {path: /health/live, port: {{ $healthPort }}}
        {{- toYaml $probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: {path: /health/ready, port: {{ $healthPort }}}
        {{- toYaml $probes.readiness | nindent 8 }}
      {{- with $own.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "rejoin.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if .tlsSecret }}
        - name: tls
          mountPath: /tls
          readOnly: true
        {{- end }}
        {{- if .root.Values.kafka.files.existingSecret }}
        - name: kafka
          mountPath: /kafka
          readOnly: true
        {{- end }}
        {{- if $own.kafka.files.existingSecret }}
        - name: kafka-own
          mountPath: /kafka-own
          readOnly: true
        {{- end }}
        {{- with $own.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: {{ .root.Values.tmpSizeLimit }}}
    {{- with .tlsSecret }}
    - name: tls
      secret: {secretName: {{ . }}}
    {{- end }}
    {{- with .root.Values.kafka.files.existingSecret }}
    - name: kafka
      secret: {secretName: {{ . }}}
    {{- end }}
    {{- with $own.kafka.files.existingSecret }}
    - name: kafka-own
      secret: {secretName: {{ . }}}
    {{- end }}
    {{- with $own.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or $own.spread.zones $own.spread.nodes }}
  topologySpreadConstraints:
    {{- range $key, $when := dict "topology.kubernetes.io/zone" $own.spread.zones "kubernetes.io/hostname" $own.spread.nodes }}
    {{- if $when }}
    - topologyKey: {{ $key }}
      maxSkew: 1
      whenUnsatisfiable: {{ $when }}
      # Counts only the new pods in a rolling update, because the old pods stop
      matchLabelKeys: [pod-template-hash]
      labelSelector:
        matchLabels:
          {{- include "rejoin.selector" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- end }}
  {{- with $own.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
{{- end -}}

{{/* The variables of the chart, then extraEnv. extraEnv must not name a variable of the chart. */}}
{{- define "rejoin.env" -}}
{{- $own := index .root.Values .component -}}
{{- $names := list -}}
{{- range fromYamlArray .env }}{{ $names = append $names .name }}{{ end -}}
{{- range $own.extraEnv -}}
{{- if has .name $names -}}
{{- fail (printf "\n%s.extraEnv: %s is set by the chart; values.yaml names the value that sets it, if there is one" $.component .name) -}}
{{- end -}}
{{- end -}}
{{ .env }}
{{- with $own.javaOptions }}
- name: JDK_JAVA_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- with $own.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "rejoin.podSecurity" -}}
runAsNonRoot: true
{{- with .Values.security.runAsUser }}
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
fsGroup: {{ int64 . }}
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "rejoin.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}
