{{/* The environment of a router. */}}
{{- define "rejoin.routerEnv" -}}
{{- $router := .Values.router -}}
{{ include "rejoin.sharedEnv" (dict "root" . "component" "router") }}
- name: ROUTER_HOST
  value: 0.0.0.0
- name: ROUTER_PORT
  value: '8091'
# The address to which edges open their streams
- name: ROUTER_LINK_ADDRESS
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
{{ include "rejoin.secretEnv" (dict "root" . "variable" "ROUTER_LINK_SECRET" "reference" $router.linkSecret "trialKey" "link-secret") }}
- name: ROUTER_PARTITIONS
  value: {{ include "rejoin.number" $router.partitions | quote }}
- name: ROUTER_REPLICATION
  value: {{ include "rejoin.number" $router.replication | quote }}
- name: ROUTER_SESSION_TIMEOUT
  value: {{ include "rejoin.seconds" $router.sessionTimeoutSeconds }}
- name: ROUTER_REDELIVERY
  value: {{ include "rejoin.seconds" $router.redeliverySeconds }}
- name: ROUTER_FORGET_AFTER
  value: {{ kindIs "string" $router.forgetAfterDays | ternary "never" (printf "P%sD" (include "rejoin.number" $router.forgetAfterDays)) }}
{{- with $router.eventsRetention }}
- name: ROUTER_EVENTS_RETENTION
  value: {{ . | quote }}
{{- end }}
{{- end -}}
