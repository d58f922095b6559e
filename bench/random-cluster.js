// Random clusters that look like Wikimedia's, of any size. The same seed gives the same cluster.

/**
 * @typedef {object} ClusterSize
 * @property {number} releases
 * @property {number} namespaces
 */

/** How often a namespace is of each kind, in percent; the rest are ordinary services. */
const shares = { mediawiki: 15, sequence: 10, needs: 15 };

const priorities = ["toolhub", "kartotherian", "tegola-vector-tiles", "thumbor"];

/** Nodes must be empty for it, so that everything waits for it: one, however large the cluster is. */
const daemonSet = "mw-mcrouter";

export const environment = "eqiad";

/**
 * A tree with one service for each namespace, as `classify` takes it, and the registry for it.
 *
 * @param {ClusterSize} size
 * @param {number} seed
 */
export function randomCluster({ releases, namespaces }, seed) {
  const random = mulberry32(seed);
  const kinds = [daemonSet, ...priorities, ...namesOf(namespaces - 1 - priorities.length, random)];
  let left = releases;
  const drafts = kinds.map((name, at) => {
    const others = kinds.length - at - 1;
    // Five on average, few or many in one; and always one at least for each namespace to come.
    const wanted = others === 0 ? left : Math.round((left / (others + 1)) * (0.3 + 1.4 * random()));
    const count = name === daemonSet ? 1 : Math.max(1, Math.min(wanted, left - others));
    left -= count;
    return draftOf(name, count, random);
  });
  return {
    tree: {
      environment,
      services: drafts.map(serviceOf).sort((one, other) => (one.name < other.name ? -1 : 1)),
      absent: [],
      unreadable: [],
    },
    registry: registryOf(drafts),
  };
}

/** @typedef {{ name: string, chart: string, installed: boolean, needs: string[] }} ReleaseDraft */
/** @typedef {{ namespace: string, releases: ReleaseDraft[], entry?: string }} Draft */

/** @returns {string[]} names that tell the kind */
function namesOf(/** @type {number} */ count, /** @type {() => number} */ random) {
  return Array.from({ length: count }, (_, at) => {
    const lot = 100 * random();
    if (lot < shares.mediawiki) return at % 10 === 0 ? `wiki-${at}` : `mw-${at}`;
    if (lot < shares.mediawiki + shares.sequence) return `eventgate-${at}`;
    if (lot < shares.mediawiki + shares.sequence + shares.needs) return `datahub-${at}`;
    return `service-${at}`;
  });
}

/** @returns {Draft} */
function draftOf(
  /** @type {string} */ namespace,
  /** @type {number} */ count,
  /** @type {() => number} */ random,
) {
  const chart = namespace.replace(/-\d+$/, "");
  const names = ["main", ...Array.from({ length: count - 1 }, (_, at) => `release-${at + 1}`)];
  if (/^(mw|wiki)-\d+$/.test(namespace)) return mediawiki(namespace, names, random);
  const releases = names.map((name, at) => ({
    name,
    chart,
    // What belongs to another environment; the first one is always here.
    installed: at === 0 || random() > 0.15,
    /** @type {string[]} */
    needs: [],
  }));
  if (chart === "datahub") {
    for (const release of releases.slice(1)) if (random() > 0.4) release.needs.push("main");
  }
  if (chart !== "eventgate" || count < 2) return { namespace, releases };
  const [first, ...others] = names;
  return { namespace, releases, entry: `sequence: [${first}, [${others.join(", ")}]]` };
}

/** Support first, then the canary, then all else of it side by side. @returns {Draft} */
function mediawiki(
  /** @type {string} */ namespace,
  /** @type {string[]} */ names,
  /** @type {() => number} */ random,
) {
  const support = names.length > 3 && random() > 0.5 ? ["mediawiki-common", "prometheus"] : ["prometheus"];
  const [canary, ...others] = names.slice(support.length).map((name, at) => (at === 0 ? "canary" : name));
  const charts = new Map([["prometheus", "statsd-exporter"]]);
  const releases = [...support, ...(canary === undefined ? [] : [canary, ...others])].map((name) => ({
    name,
    chart: charts.get(name) ?? (support.includes(name) ? name : "mediawiki"),
    installed: true,
    needs: [],
  }));
  const waves =
    canary === undefined ? "[]" : others.length === 0 ? `[${canary}]` : `[${canary}, [${others.join(", ")}]]`;
  return { namespace, releases, entry: `support: [${support.join(", ")}]\n    mediawiki: ${waves}` };
}

function serviceOf(/** @type {Draft} */ { namespace, releases }) {
  const id = (/** @type {string} */ name) => `${namespace}/${name}`;
  return {
    name: namespace,
    helmfile: `${namespace}/helmfile.yaml`,
    releases: releases.map(({ name, chart, installed, needs }) => ({
      id: id(name),
      service: namespace,
      namespace,
      name,
      chart: `wmf-stable/${chart}`,
      installed,
      labels: { chart, name, namespace },
      needs: needs.map(id),
      kubeconfig: `/etc/kubernetes/${namespace}-deploy-${environment}.config`,
      atomic: true,
      timeout: 600,
    })),
  };
}

/** All five stages, and an entry for every namespace with an order. */
function registryOf(/** @type {readonly Draft[]} */ drafts) {
  const entries = drafts.flatMap(({ namespace, entry }) => (entry ? [`  ${namespace}:\n    ${entry}`] : []));
  return `version: 1
rules:
  - match: { chart: mediawiki }
    class: mediawiki
  - match: { chart: [statsd-exporter, mediawiki-common], namespace: "mw-*" }
    class: support
namespaces:
${entries.join("\n")}
stages:
  - { name: daemonsets, releases: [${daemonSet}/main], gate: wait }
  - { name: support, class: support, gate: wait }
  - { name: priority, services: [${priorities.join(", ")}] }
  - { name: rest, class: other }
  - { name: mediawiki, class: mediawiki, run: [scap, sync-world, "-Dk8s_clusters:{environment}"] }
`;
}

/** @returns {() => number} from 0 up to 1, without 1 */
export function mulberry32(/** @type {number} */ seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
