{{- /*
Helper templates that let this chart's own objects work with its Flagger Canary (templates/canary.yaml).
Made by chartgen 0.1.0 (`chartgen add-canary`), checksum c728efd234286875.
*/}}

{{/* "true" if this release renders the Canary. The conditions are those of templates/canary.yaml. */}}
{{- define "shop.canary.on" -}}
{{- if has .Release.Namespace (list "prod" "fair") -}}
{{- if and .Values.canary .Values.canary.enable -}}
true
{{- end -}}
{{- end -}}
{{- end }}

{{/* The name of the Deployment that the Canary manages. */}}
{{- define "shop.canary.target" -}}
shop
{{- end }}

{{/*
"true" once Flagger manages the Deployment, which means that its copy `…-primary` exists. Without a
cluster (`helm template`, `helm lint`, Argo CD), `lookup` finds nothing and this is empty.
*/}}
{{- define "shop.canary.managed" -}}
{{- if include "shop.canary.on" . -}}
{{- if lookup "apps/v1" "Deployment" .Release.Namespace (printf "%s-primary" (include "shop.canary.target" .)) -}}
true
{{- end -}}
{{- end -}}
{{- end }}

{{/* "true" if the document in (list $ document) is the Service that Flagger takes over. */}}
{{- define "shop.canary.is-own-service" -}}
{{- $object := index . 1 }}
{{- if and (eq (toString $object.kind) "Service") (eq (dig "metadata" "name" "" $object) (include "shop.canary.apex" (index . 0))) -}}
true
{{- end -}}
{{- end }}

{{/* This Service as the chart itself writes it. */}}
{{- define "shop.canary.own-service" -}}
{{- $root := . }}
{{- range $document := regexSplit "(?:^|\\s*\\n)---\\s*" (include "shop.canary.chart-service" .) -1 }}
{{- if include "shop.canary.is-own-service" (list $root (fromYaml $document)) }}
{{- $document }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Renders the chart's Service, given as (list $ "name of the template").
Canary off: the Service as the chart writes it.
Canary on: Flagger serves the app under the Service's name, so
- if the live Service belongs to this Helm release, it stays in the release. Once Flagger manages the
  Deployment, it keeps its live ports and selector, so that upgrades don't reset them.
- otherwise (first installation, or no cluster), it is left out, and Flagger creates it.
*/}}
{{- define "shop.canary.service" -}}
{{- $root := index . 0 }}
{{- $text := include (index . 1) $root }}
{{- if not (include "shop.canary.on" $root) }}
{{- $text }}
{{- else }}
{{- range $document := regexSplit "(?:^|\\s*\\n)---\\s*" $text -1 }}
{{- $service := fromYaml $document }}
{{- if not (trim $document) }}
{{- else if not (include "shop.canary.is-own-service" (list $root $service)) }}
{{- printf "\n---\n%s" $document }}
{{- else }}
{{- $live := lookup "v1" "Service" $root.Release.Namespace $service.metadata.name }}
{{- if eq (dig "metadata" "annotations" "meta.helm.sh/release-name" "" $live) $root.Release.Name }}
{{- if include "shop.canary.managed" $root }}
{{- $_ := set $service.spec "ports" $live.spec.ports }}
{{- $_ := set $service.spec "selector" $live.spec.selector }}
{{- printf "\n---\n%s" (toYaml $service) }}
{{- else }}
{{- printf "\n---\n%s" $document }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The name of the Service through which Flagger serves the app: the name of the chart's own Service. */}}
{{- define "shop.canary.apex" -}}
shop
{{- end }}

{{/*
The live replica count once Flagger manages the Deployment, which it scales to 0 between rollouts.
Empty otherwise.
*/}}
{{- define "shop.canary.replicas" -}}
{{- if include "shop.canary.managed" . -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "shop.canary.target" .) -}}
{{- if $live -}}
{{- $live.spec.replicas -}}
{{- end -}}
{{- end -}}
{{- end }}
