{{/* The environment of an edge. */}}
{{- define "rejoin.edgeEnv" -}}
{{- $edge := .Values.edge -}}
{{ include "rejoin.sharedEnv" (dict "root" . "component" "edge") }}
# The beginning of the edge's id, which is in logs and health
- name: EDGE_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: EDGE_HOST
  value: 0.0.0.0
- name: EDGE_PORT
  value: '8080'
{{- if $edge.tls.existingSecret }}
- name: EDGE_TLS_CERT
  value: /tls/tls.crt
- name: EDGE_TLS_KEY
  value: /tls/tls.key
- name: EDGE_TLS_REFRESH
  value: {{ include "rejoin.seconds" $edge.tls.refreshSeconds }}
{{- end }}
# Metrics, on a port that is in no Service
- name: EDGE_METRICS_HOST
  value: 0.0.0.0
- name: EDGE_METRICS_PORT
  value: '9091'
- name: EDGE_HISTORY_URL
  value: http://{{ include "rejoin.fullname" . }}-history:{{ .Values.history.service.port }}
{{ include "rejoin.secretEnv" (dict "root" . "variable" "EDGE_HISTORY_SECRET" "reference" .Values.history.apiSecret "trialKey" "api-secret") }}
{{ include "rejoin.secretEnv" (dict "root" . "variable" "EDGE_ROUTER_SECRET" "reference" .Values.router.linkSecret "trialKey" "link-secret") }}
{{ include "rejoin.authEnv" . }}
- name: EDGE_ALLOWED_ORIGINS
  value: {{ join "," $edge.allowedOrigins | quote }}
- name: EDGE_HEARTBEAT
  value: {{ include "rejoin.seconds" $edge.heartbeatSeconds }}
- name: EDGE_MAX_CONNECTIONS
  value: {{ include "rejoin.number" $edge.maxConnections | quote }}
- name: EDGE_MAX_CONNECTIONS_PER_USER
  value: {{ include "rejoin.number" $edge.maxConnectionsPerUser | quote }}
- name: EDGE_MAX_ROOMS_PER_CONNECTION
  value: {{ include "rejoin.number" $edge.maxRoomsPerConnection | quote }}
- name: EDGE_RATE_NEW_ROOMS
  value: {{ include "rejoin.number" $edge.rateNewRooms | quote }}
- name: EDGE_RATE_FRAMES
  value: {{ include "rejoin.number" $edge.rateFrames | quote }}
- name: EDGE_RATE_BYTES
  value: {{ include "rejoin.number" $edge.rateBytes | quote }}
- name: EDGE_OUTBOX_BYTES
  value: {{ include "rejoin.number" $edge.outboxBytes | quote }}
- name: EDGE_PRESENCE_GRACE
  value: {{ include "rejoin.seconds" $edge.presenceGraceSeconds }}
- name: EDGE_DIRECT
  value: {{ ternary "on" "off" $edge.direct | quote }}
- name: EDGE_CONFIRM_WITHIN
  value: {{ include "rejoin.seconds" $edge.confirmWithinSeconds }}
- name: EDGE_DRAIN_DELAY
  value: {{ include "rejoin.seconds" $edge.drainDelaySeconds }}
- name: EDGE_DRAIN
  value: {{ include "rejoin.seconds" $edge.drainSeconds }}
{{- end -}}

{{/* How an edge verifies tokens. */}}
{{- define "rejoin.authEnv" -}}
{{- $auth := .Values.auth -}}
{{- if $auth.jwks.location -}}
- name: EDGE_JWKS
  value: {{ $auth.jwks.location | quote }}
- name: EDGE_JWKS_REFRESH
  value: {{ include "rejoin.seconds" $auth.jwks.refreshSeconds }}
- name: EDGE_JWKS_KEEP
  value: {{ include "rejoin.seconds" $auth.jwks.keepSeconds }}
- name: EDGE_JWKS_TIMEOUT
  value: {{ include "rejoin.seconds" $auth.jwks.timeoutSeconds }}
- name: EDGE_JWKS_MAX_BYTES
  value: {{ include "rejoin.number" $auth.jwks.maxBytes | quote }}
{{- else -}}
{{ include "rejoin.secretEnv" (dict "root" . "variable" "EDGE_JWT_SECRET" "reference" $auth.jwtSecret "trialKey" "jwt-secret") }}
{{- end }}
{{- with $auth.issuer }}
- name: EDGE_JWT_ISSUER
  value: {{ . | quote }}
{{- end }}
{{- with $auth.audience }}
- name: EDGE_JWT_AUDIENCE
  value: {{ join "," . | quote }}
{{- end }}
- name: EDGE_JWT_REQUIRE_EXP
  value: {{ ternary "on" "off" $auth.requireExp | quote }}
- name: EDGE_JWT_USER_CLAIM
  value: {{ $auth.userClaim | quote }}
- name: EDGE_JWT_TENANT_CLAIM
  value: {{ $auth.tenantClaim | quote }}
{{- with $auth.roomsClaim }}
- name: EDGE_JWT_ROOMS_CLAIM
  value: {{ . | quote }}
{{- end }}
{{- with $auth.defaultRooms }}
- name: EDGE_JWT_DEFAULT_ROOMS
  value: {{ join "," . | quote }}
{{- end }}
{{- end -}}
