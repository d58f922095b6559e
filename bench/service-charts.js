// Charts of the shape of Wikimedia's: named templates, values of a hundred lines, a proxy with a listener for each other
// service, and for MediaWiki what several containers and their configuration take.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The release of a service of MediaWiki that makes the Service whose variable all others of it read. */
export const support = "release-1";

/**
 * Writes the charts `web` and `mediawiki` into a folder.
 *
 * @param {string} folder is made if it is not there
 */
export function writeCharts(folder) {
  const common = { "templates/_helpers.tpl": helpers, "templates/proxy.yaml": proxy };
  const web = { ...common, "templates/deployment.yaml": deployment, "templates/service.yaml": service };
  writeChart(join(folder, "web"), { ...web, "values.yaml": values([]) });
  writeChart(join(folder, "mediawiki"), {
    ...web,
    "templates/networkpolicy.yaml": networkPolicy,
    "templates/php.yaml": php,
    "templates/sites.yaml": sites,
    "values.yaml": values(["httpd", "mcrouter", "php-exporter", "rsyslog"]),
  });
}

/**
 * @param {string} folder
 * @param {Record<string, string>} files
 */
function writeChart(folder, files) {
  const name = folder.slice(dirname(folder).length + 1);
  const chart = `apiVersion: v2\nname: ${name}\nversion: 0.9.3\n`;
  for (const [file, text] of Object.entries({ "Chart.yaml": chart, ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

function values(/** @type {readonly string[]} */ sidecars) {
  const settings = Array.from({ length: 40 }, (_, at) => `    SETTING_${at}: "some value of ${at}"`);
  const names = sidecars.map((name) => `  ${name}: { image: docker-registry.example.org/${name}:1 }`);
  return `docker: { registry: docker-registry.example.org }
main_app:
  image: example
  port: 8080
  replicas: 8
  env:
${settings.join("\n")}
sidecars:${names.length === 0 ? " {}" : `\n${names.join("\n")}`}
exporter: { enabled: false }
php: { envvars: { STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST: null, SERVERGROUP: kube } }
hosts: [wikipedia, wiktionary, wikiquote, wikibooks, wikisource, wikinews, wikiversity, wikivoyage, wikidata, commons]
`;
}

const helpers = `{{- define "name" -}}{{ printf "%s-%s" .Chart.Name .Release.Name | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- define "labels" }}
  labels:
    app: {{ .Chart.Name }}
    chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
    release: {{ .Release.Name }}
    heritage: {{ .Release.Service }}
{{- end }}
{{- define "container.limits" }}
          resources:
            requests: { cpu: 500m, memory: 600Mi }
            limits: { cpu: 1, memory: 900Mi }
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
            runAsNonRoot: true
{{- end }}
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "name" . }}
  {{- include "labels" . }}
spec:
  replicas: {{ .Values.main_app.replicas }}
  selector:
    matchLabels: { app: {{ .Chart.Name }}, release: {{ .Release.Name }} }
  template:
    metadata:
      labels: { app: {{ .Chart.Name }}, release: {{ .Release.Name }} }
      annotations:
        checksum/proxy: {{ include "proxy.listeners" . | sha256sum }}
    spec:
      containers:
        - name: {{ include "name" . }}-app
          image: "{{ .Values.docker.registry }}/{{ .Values.main_app.image }}:1"
          env:
            {{- range $name, $value := .Values.main_app.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          {{- include "container.limits" . }}
          {{- if eq .Chart.Name "mediawiki" }}
          volumeMounts:
            - { name: php-envvars, mountPath: /etc/php/env }
            - { name: sites, mountPath: /etc/apache2/sites }
          {{- end }}
        {{- range $name, $sidecar := .Values.sidecars }}
        - name: {{ include "name" $ }}-{{ $name }}
          image: {{ $sidecar.image }}
          command: ["/bin/sh", "-c", "exec /srv/run --config /etc/{{ $name }}.yaml"]
          env:
            {{- range $key, $value := $.Values.main_app.env }}
            - { name: {{ $key }}, value: {{ $value | quote }} }
            {{- end }}
          {{- include "container.limits" $ }}
        {{- end }}
        - name: tls-proxy
          image: {{ .Values.docker.registry }}/envoy:1
          {{- include "container.limits" . }}
          volumeMounts: [{ name: proxy, mountPath: /etc/envoy }]
      volumes:
        - name: proxy
          configMap: { name: {{ include "name" . }}-proxy }
        {{- if eq .Chart.Name "mediawiki" }}
        - name: php-envvars
          configMap: { name: {{ include "name" . }}-php-envvars }
        - name: sites
          configMap: { name: {{ include "name" . }}-sites }
        {{- end }}
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "name" . }}
  {{- include "labels" . }}
spec:
  type: NodePort
  selector: { app: {{ .Chart.Name }}, release: {{ .Release.Name }} }
  ports: [{ name: http, targetPort: {{ .Values.main_app.port }}, port: {{ .Values.main_app.port }} }]
{{- if .Values.exporter.enabled }}
---
apiVersion: v1
kind: Service
metadata:
  name: statsd-exporter-prometheus
  {{- include "labels" . }}
spec:
  selector: { app: statsd-exporter, release: {{ .Release.Name }} }
  ports: [{ name: statsd, port: 9125, protocol: UDP }]
{{- end }}
`;

const proxy = `{{- define "proxy.listeners" }}
{{- range $name, $listener := .Values.listeners }}
    - name: {{ $name }}
      address: { socket_address: { address: 127.0.0.1, port_value: {{ $listener.port }} } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                stat_prefix: {{ $name }}_egress
                http_filters: [{ name: envoy.filters.http.router }]
                route_config:
                  virtual_hosts:
                    - name: {{ $name }}
                      domains: ["*"]
                      routes: [{ match: { prefix: / }, route: { cluster: {{ $name }}, timeout: 60s } }]
{{- end }}
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "name" . }}-proxy
  {{- include "labels" . }}
data:
  envoy.yaml: |
    static_resources:
      listeners:
{{ include "proxy.listeners" . | indent 2 }}
`;

const php = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "name" . }}-php-envvars
  {{- include "labels" . }}
data:
  envvars.inc: |
    {{- range $name, $value := .Values.php.envvars }}
    env['{{ $name }}'] = {{ if kindIs "invalid" $value }}\${ {{- $name -}} }{{ else }}{{ $value }}{{ end }}
    {{- end }}
`;

const sites = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "name" . }}-sites
  {{- include "labels" . }}
data:
  {{- range .Values.hosts }}
  {{ . }}.conf: |
    <VirtualHost *:8080>
        ServerName {{ . }}.example.org
        ServerAlias *.{{ . }}.example.org
        DocumentRoot "/srv/mediawiki/docroot/{{ . }}.org"
        # Never the one of the load balancer: it is not ours.
        RewriteCond %{HTTP:X-Forwarded-Proto} !https
        RewriteRule ^/(.*)$ https://%{SERVER_NAME}/wiki/$1 [R=301,L]
        Include "sites-enabled/common.incl"
    </VirtualHost>
  {{- end }}
`;

const networkPolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "name" . }}
  {{- include "labels" . }}
spec:
  podSelector:
    matchLabels: { app: {{ .Chart.Name }}, release: {{ .Release.Name }} }
  policyTypes: [Egress]
  egress:
    {{- range $name, $listener := .Values.listeners }}
    - to:
        - ipBlock: { cidr: 10.64.0.{{ mod $listener.port 250 }}/32 }
      ports:
        - { port: {{ $listener.port }}, protocol: TCP }
    {{- end }}
`;
