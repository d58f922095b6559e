// Generated manifests of the shape that Wikimedia's charts render: what a MediaWiki release has, some 40 KB of it.

/**
 * The manifests of one namespace: a small one of an exporter, and those of MediaWiki releases that read the variables
 * of its Service.
 *
 * @param {number} namespace
 * @param {number} releases
 * @param {number} bytes of each MediaWiki release, at least
 * @returns {{ id: string, file: string, text: string }[]}
 */
export function manifestsOf(namespace, releases, bytes) {
  const name = `mw-${namespace}`;
  const exporter = {
    id: `${name}/prometheus`,
    file: `${name}/prometheus.yaml`,
    text: exporterManifest(name),
  };
  const others = Array.from({ length: releases }, (_, at) => ({
    id: `${name}/release-${at}`,
    file: `${name}/release-${at}.yaml`,
    text: mediaWikiManifest(name, `release-${at}`, bytes),
  }));
  return [exporter, ...others];
}

function exporterManifest(/** @type {string} */ namespace) {
  return `---
# Source: statsd-exporter/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: statsd-exporter-prometheus
  namespace: ${namespace}
  labels:
    app: statsd-exporter
    release: prometheus
spec:
  type: ClusterIP
  selector: { app: statsd-exporter, release: prometheus }
  ports:
    - name: statsd
      port: 9125
      protocol: UDP
`;
}

function mediaWikiManifest(
  /** @type {string} */ namespace,
  /** @type {string} */ release,
  /** @type {number} */ bytes,
) {
  const labels = `app: mediawiki\n    chart: mediawiki-0.9.3\n    release: ${release}\n    heritage: Helm`;
  const parts = [envvars(release, labels), service(release, labels), deployment(namespace, release, labels)];
  for (let site = 0; parts.reduce((sum, { length }) => sum + length, 0) < bytes; site += 1)
    parts.push(apacheSites(release, labels, site), networkPolicy(release, labels, site));
  return parts.join("");
}

function envvars(/** @type {string} */ release, /** @type {string} */ labels) {
  return `---
# Source: mediawiki/templates/php-config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: mediawiki-${release}-php-envvars
  labels:
    ${labels}
data:
  envvars.inc: |
    ; What php-fpm passes on.
    env['SERVERGROUP'] = kube-${release}
    env['STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST'] = \${STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST}
`;
}

function service(/** @type {string} */ release, /** @type {string} */ labels) {
  return `---
# Source: mediawiki/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: mediawiki-${release}
  labels:
    ${labels}
spec:
  type: NodePort
  selector:
    app: mediawiki
  ports:
    - name: http
      targetPort: 8080
      port: 8080
`;
}

function deployment(
  /** @type {string} */ namespace,
  /** @type {string} */ release,
  /** @type {string} */ labels,
) {
  const containers = ["app", "httpd", "mcrouter", "rsyslog", "tls-proxy"].map((name) => {
    const env = Array.from(
      { length: 15 },
      (_, at) => `            - name: SETTING_${name.toUpperCase().replace("-", "_")}_${at}
              value: "some value of ${at}, for ${name}.discovery.wmnet"
`,
    );
    return `        - name: mediawiki-${release}-${name}
          image: "docker-registry.discovery.wmnet/mediawiki-${name}:2026-01-05-120000"
          imagePullPolicy: IfNotPresent
          command: ["/bin/sh", "-c", "exec /srv/run --config /etc/${name}.yaml"]
          env:
${env.join("")}          livenessProbe:
            tcpSocket: {port: 9000}
            initialDelaySeconds: 10
          resources:
            limits: {cpu: 8, memory: 3350Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
              - ALL
          volumeMounts:
            - name: php-envvars
              mountPath: /etc/php/fpm/env
            - name: sites
              mountPath: /etc/apache2/sites
`;
  });
  return `---
# Source: mediawiki/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mediawiki-${release}
  namespace: ${namespace}
  labels:
    ${labels}
spec:
  replicas: 8
  template:
    spec:
      containers:
${containers.join("")}      volumes:
        - name: php-envvars
          configMap:
            name: mediawiki-${release}-php-envvars
        - name: sites
          configMap:
            name: mediawiki-${release}-sites-0
`;
}

function apacheSites(
  /** @type {string} */ release,
  /** @type {string} */ labels,
  /** @type {number} */ site,
) {
  const hosts = Array.from(
    { length: 8 },
    (_, at) => `    <VirtualHost *:8080>
        ServerName wiki-${at}.wikimedia.org
        ServerAlias *.wiki-${at}.wikimedia.org www.wiki-${at}.org
        DocumentRoot "/srv/mediawiki/docroot/wiki-${at}.org"
        # Never the one of the load balancer: it is not ours.
        RewriteCond %{HTTP:X-Forwarded-Proto} !https
        RewriteRule ^/(.*)$ https://%{SERVER_NAME}/wiki/$1 [R=301,L]
        Include "sites-enabled/wikimedia-common.incl"
    </VirtualHost>
`,
  );
  return `---
# Source: mediawiki/templates/sites.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: mediawiki-${release}-sites-${site}
  labels:
    ${labels}
data:
  sites-${site}.conf: |-
${hosts.join("")}`;
}

function networkPolicy(
  /** @type {string} */ release,
  /** @type {string} */ labels,
  /** @type {number} */ at,
) {
  const peers = Array.from(
    { length: 25 },
    (_, peer) => `    - to:
        - ipBlock:
            cidr: 10.64.${peer}.${at}/32
      ports:
        - port: 33${peer}
          protocol: TCP
`,
  );
  return `---
# Source: mediawiki/templates/networkpolicy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: mediawiki-${release}-${at}
  labels:
    ${labels}
spec:
  podSelector:
    matchLabels:
      app: mediawiki
  policyTypes: [Egress]
  egress:
${peers.join("")}`;
}
