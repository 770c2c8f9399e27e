{{/* The environment of history. */}}
{{- define "rejoin.historyEnv" -}}
{{- $history := .Values.history -}}
{{ include "rejoin.sharedEnv" (dict "root" . "component" "history") }}
- name: HISTORY_HOST
  value: 0.0.0.0
- name: HISTORY_PORT
  value: '8090'
{{ include "rejoin.secretEnv" (dict "root" . "variable" "HISTORY_API_SECRET" "reference" $history.apiSecret "trialKey" "api-secret") }}
- name: HISTORY_JDBC_URL
  value: {{ $history.database.url | quote }}
- name: HISTORY_DB_USER
  value: {{ $history.database.user | quote }}
{{ include "rejoin.secretEnv" (dict "root" . "variable" "HISTORY_DB_PASSWORD" "reference" $history.database.password "trialKey" "database-password") }}
- name: HISTORY_DB_READERS
  value: {{ include "rejoin.number" $history.database.readers | quote }}
- name: HISTORY_TAIL_BYTES
  value: {{ include "rejoin.number" $history.tailBytes | quote }}
- name: HISTORY_MAX_WAITERS
  value: {{ include "rejoin.number" $history.maxWaiters | quote }}
- name: HISTORY_SESSION_TIMEOUT
  value: {{ include "rejoin.seconds" $history.sessionTimeoutSeconds }}
- name: HISTORY_START_TIMEOUT
  value: {{ include "rejoin.seconds" $history.startTimeoutSeconds }}
- name: HISTORY_RETENTION
  value: {{ $history.retention.all | quote }}
{{- with $history.retention.rooms }}
{{- $classes := list }}
{{- range . }}{{ $classes = append $classes (printf "%s=%s" .rooms .kept) }}{{ end }}
- name: HISTORY_RETENTION_ROOMS
  value: {{ join ", " $classes | quote }}
{{- end }}
{{- with $history.adopt }}
- name: HISTORY_ADOPT
  value: {{ . | quote }}
{{- end }}
{{- end -}}
