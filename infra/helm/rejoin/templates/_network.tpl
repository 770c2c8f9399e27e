{{/* Rules of NetworkPolicies. */}}

{{/* An egress rule for TCP ports. Without peers, it allows all peers. Takes ports and peers. */}}
{{- define "rejoin.egress" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  {{- with .peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "rejoin.egressToDns" -}}
- ports:
    {{- range .Values.networkPolicy.dns.ports }}
    - {protocol: UDP, port: {{ int . }}}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  {{- with .Values.networkPolicy.dns.peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "rejoin.egressToKafka" -}}
{{- $ports := .Values.networkPolicy.kafka.ports -}}
{{- range .Values.kafka.bootstrapServers }}{{ $ports = append $ports (regexFind "[0-9]+$" . | int) }}{{ end -}}
{{- include "rejoin.egress" (dict "ports" (uniq $ports) "peers" .Values.networkPolicy.kafka.peers) -}}
{{- end -}}

{{/* The ports of all hosts in the URL. A host without a port has 5432. */}}
{{- define "rejoin.egressToPostgres" -}}
{{- $ports := .Values.networkPolicy.postgres.ports -}}
{{- $hosts := regexReplaceAll "^jdbc:postgresql://([^/?]*).*$" .Values.history.database.url "${1}" -}}
{{- range splitList "," $hosts }}{{ $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default "5432" | int) }}{{ end -}}
{{- include "rejoin.egress" (dict "ports" (uniq $ports) "peers" .Values.networkPolicy.postgres.peers) -}}
{{- end -}}

{{- define "rejoin.egressToJwks" -}}
{{- include "rejoin.egressToUrl" (dict "url" .Values.auth.jwks.location "peers" .Values.networkPolicy.jwks.peers) -}}
{{- end -}}

{{/* Empty if nothing is traced. */}}
{{- define "rejoin.egressToCollector" -}}
{{- if .Values.traces.part -}}
# The collector of traces
{{ include "rejoin.egressToUrl" (dict "url" .Values.traces.endpoint "peers" .Values.networkPolicy.traces.peers) }}
{{- end -}}
{{- end -}}

{{/* Takes url and peers. */}}
{{- define "rejoin.egressToUrl" -}}
{{- $url := urlParse .url -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- include "rejoin.egress" (dict "ports" (list $port) "peers" .peers) -}}
{{- end -}}
