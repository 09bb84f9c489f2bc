{{- define "robustmq.name" -}}
{{- if contains "robustmq" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-robustmq" (.Release.Name | trunc 31 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "robustmq.selector" -}}
app.kubernetes.io/name: robustmq
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "robustmq.labels" -}}
{{ include "robustmq.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* Where the other nodes reach pod number .index. */ -}}
{{- define "robustmq.host" -}}
{{- $name := include "robustmq.name" .root -}}
{{- printf "%s-%d.%s-nodes.%s.svc.%s" $name (int .index) $name .root.Release.Namespace .root.Values.clusterDomain -}}
{{- end -}}

{{- /* The secret that has what. */ -}}
{{- define "robustmq.authSecret" -}}
{{- .Values.auth.existingSecret | default (ternary (include "robustmq.name" .) "" (ne .Values.auth.bootstrapCredentials "")) -}}
{{- end -}}
{{- define "robustmq.journalSecret" -}}
{{- .Values.cluster.secret.existingSecret | default (ternary (include "robustmq.name" .) "" (ne .Values.cluster.secret.value "")) -}}
{{- end -}}

{{- /* The listeners: name, port, and who they are for. */ -}}
{{- define "robustmq.ports" -}}
- {name: mqtt, port: 1883, for: clients}
- {name: mqtt-ws, port: 8083, for: clients}
- {name: kafka, port: 9092, for: clients}
{{- if .Values.tls.existingSecret }}
- {name: mqtt-tls, port: 8883, for: clients}
- {name: mqtt-wss, port: 8084, for: clients}
- {name: kafka-tls, port: 9093, for: clients}
{{- end }}
- {name: admin, port: 58080, for: clients}
{{- if gt (int .Values.replicas) 1 }}
- {name: meta, port: 1228, for: nodes}
- {name: journal, port: 1778, for: nodes}
{{- end }}
{{- end -}}

{{- /* What the chart says, before .Values.config: a map of keys. */ -}}
{{- define "robustmq.config" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $replicas := int $values.replicas -}}
node.id: {{ add1 .index }}
data.dir: /var/robustmq/data
bind: 0.0.0.0
mqtt.port: 1883
mqtt.ws.port: 8083
kafka.port: 9092
admin.port: 58080
{{- if gt $replicas 1 }}
meta.port: 1228
journal.port: 1778
meta.voters:
{{- range $i := until $replicas }}
  - {{ add1 $i }}@{{ include "robustmq.host" (dict "root" $root "index" $i) }}:1228
{{- end }}
{{- end }}
meta.topic.replication: {{ $replicas }}
{{- if $values.auth.anonymous }}
security.anonymous: true
{{- end }}
{{- if $values.cluster.tls.existingSecret }}
cluster.tls.certificate.file: /etc/robustmq-cluster-tls/tls.crt
cluster.tls.key.file: /etc/robustmq-cluster-tls/tls.key
cluster.tls.ca.file: /etc/robustmq-cluster-tls/ca.crt
{{- end }}
{{- if $values.tls.existingSecret }}
tls.certificate.file: /etc/robustmq-tls/tls.crt
tls.key.file: /etc/robustmq-tls/tls.key
mqtt.tls.port: 8883
mqtt.wss.port: 8084
kafka.tls.port: 9093
admin.tls: {{ $values.tls.admin }}
tls.client.auth: {{ $values.tls.clientAuth }}
{{- if ne $values.tls.clientAuth "none" }}
tls.ca.file: /etc/robustmq-tls/ca.crt
{{- end }}
{{- end }}
{{- $inside := include "robustmq.host" (dict "root" $root "index" .index) }}
{{- if $values.external.enabled }}
{{- $listener := ternary "kafka.tls" "kafka" (ne $values.tls.existingSecret "") }}
{{ $listener }}.advertised.host: {{ index $values.external.hosts (int .index) }}
{{- if eq $values.external.type "NodePort" }}
{{ $listener }}.advertised.port: {{ index $values.external.nodePorts (int .index) | int }}
{{- end }}
{{- end }}
{{- if or $values.tls.existingSecret (not $values.external.enabled) }}
kafka.advertised.host: {{ $inside }}
{{- end }}
{{- end -}}

{{- /* What cannot work is refused before anything is made. */ -}}
{{- define "robustmq.check" -}}
{{- $values := .Values -}}
{{- $replicas := int $values.replicas -}}
{{- $login := or (include "robustmq.authSecret" .) $values.auth.anonymous (and $values.tls.existingSecret (eq $values.tls.clientAuth "required")) -}}
{{- if not $login -}}
{{- fail "nobody could log in: set auth.existingSecret or auth.bootstrapCredentials (robustmq user verifier root), tls.clientAuth=required, or say auth.anonymous=true" -}}
{{- end -}}
{{- if and (gt $replicas 1) (not (or (include "robustmq.journalSecret" .) $values.cluster.tls.existingSecret)) -}}
{{- fail "anybody could be a node: set cluster.tls.existingSecret, or cluster.secret.existingSecret or cluster.secret.value" -}}
{{- end -}}
{{- if and (not $values.tls.existingSecret) (or $values.tls.admin (ne $values.tls.clientAuth "none")) -}}
{{- fail "tls.admin and tls.clientAuth need tls.existingSecret" -}}
{{- end -}}
{{- if $values.external.enabled -}}
{{- if ne (len $values.external.hosts) $replicas -}}
{{- fail (printf "external.hosts: one for each of the %d pods" $replicas) -}}
{{- end -}}
{{- if eq $values.external.type "NodePort" -}}
{{- if ne (len $values.external.nodePorts) $replicas -}}
{{- fail (printf "external.nodePorts: one for each of the %d pods" $replicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $pod, $unused := $values.podConfig -}}
{{- if not (has $pod (untilStep 0 $replicas 1 | toStrings)) -}}
{{- fail (printf "podConfig.%s: pods are numbered from 0 to %d" $pod (sub $replicas 1)) -}}
{{- end -}}
{{- end -}}
{{- if le (int $values.terminationGracePeriodSeconds) (add (int $values.drainSeconds) 20) -}}
{{- fail "terminationGracePeriodSeconds: more than drainSeconds and the 20 s of stop.timeout.ms" -}}
{{- end -}}
{{- end -}}
