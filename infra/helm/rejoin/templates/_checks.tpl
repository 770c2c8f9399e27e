{{/* Checks that a schema cannot do: values that are valid alone, but not together. */}}
{{- define "rejoin.checks" -}}
{{- $edge := .Values.edge -}}
{{- if and $edge.autoscaling.enabled (gt (int $edge.autoscaling.minReplicas) (int $edge.autoscaling.maxReplicas)) -}}
{{- fail (printf "\nedge.autoscaling.minReplicas is %d, more than edge.autoscaling.maxReplicas, %d" (int $edge.autoscaling.minReplicas) (int $edge.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- $limit := ($edge.resources.limits | default dict).memory -}}
{{- if and $limit (not (contains "-Xmx" $edge.javaOptions)) -}}
{{- /* 70% of the limit is heap, and a quarter of the heap is for replays. So 52.5% is for connections: 25 KB each, or 40 KB with TLS */ -}}
{{- $each := ternary 25000 40000 (empty $edge.tls.existingSecret) -}}
{{- $bytes := include "rejoin.bytes" $limit | int64 -}}
{{- $room := divf (mulf $bytes 0.525) $each | floor | int64 -}}
{{- if gt (int64 $edge.maxConnections) $room -}}
{{- fail (printf "\nedge.maxConnections is %d, but edge.resources.limits.memory, %v, has heap for %d: raise it to %dMi, or set fewer" (int64 $edge.maxConnections) $limit $room (divf (mulf (int64 $edge.maxConnections) $each) 0.525 1048576 | ceil | int64)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A quantity of memory such as 1Gi, 512M or 1073741824, in bytes. */}}
{{- define "rejoin.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $text := kindIs "string" . | ternary . (int64 . | toString) -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- mulf (trimSuffix $unit $text | float64) (index $units $unit) | int64 -}}
{{- end -}}
