{{/* Objects that each service has. All take root and component. */}}

{{- define "rejoin.serviceAccount" -}}
{{- $own := index .root.Values .component -}}
{{- if $own.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "rejoin.serviceAccountName" . }}
  labels:
    {{- include "rejoin.labels" . | nindent 4 }}
  {{- with $own.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
# The services do not talk to Kubernetes
automountServiceAccountToken: false
{{- end }}
{{- end -}}

{{- define "rejoin.budget" -}}
{{- $own := index .root.Values .component -}}
{{- if $own.podDisruptionBudget.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "rejoin.componentName" . }}
  labels:
    {{- include "rejoin.labels" . | nindent 4 }}
spec:
  # Not minAvailable: with one pod, it would block every drain of its node
  maxUnavailable: {{ $own.podDisruptionBudget.maxUnavailable }}
  # A pod that is unready does not block the drain of a node
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "rejoin.selector" . | nindent 6 }}
{{- end }}
{{- end -}}
