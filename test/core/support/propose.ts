import type { CheckQuestion } from "../../../src/core/check/check-facts.ts";
import { proposeRegistry } from "../../../src/core/check/registry-proposal.ts";
import { deploymentManifest, rendered, serviceManifest } from "../../support/rendered.ts";
import { exporter, mediawiki, release, tree } from "../../support/tree.ts";

export const main = release("mw-web/main", mediawiki);
export const prometheus = release("mw-web/prometheus", exporter);
export const reader = deploymentManifest("main", ["$(EXPORTER_SERVICE_HOST)"]);
export const manifests = { "mw-web/main": [reader], "mw-web/prometheus": [serviceManifest("exporter")] };
/** A registry that fits it needs `support: [prometheus]` and `mediawiki: [main]` of mw-web, and `services`. */
export const well: CheckQuestion = {
  trees: [tree([main, prometheus])],
  allEnvironments: true,
  rendered: [rendered(manifests)],
};

const head = "version: 1\nrules:\n  - match: { chart: mediawiki } # the evidence\n    class: mediawiki\n";
export const services = "services:\n  prometheus: { provides: [service/exporter] }\n";
export const source = (body: string) => ({ file: "registry.yaml", text: head + body });

/** What is proposed for a registry with a rule for MediaWiki's chart and this behind it. */
export function propose(body: string, question: CheckQuestion) {
  const proposed = proposeRegistry(source(body), question);
  if (!proposed.ok) throw new Error(proposed.failure.map(({ message }) => message).join("\n"));
  const { text, mended, left } = proposed.value;
  if (!text.startsWith(head)) throw new Error(`the head was changed:\n${text}`);
  return {
    body: text.slice(head.length),
    mended: mended.map(({ code, subject }) => `${code} ${subject}`),
    left: left.map(({ finding, reason }) => `${finding.code} ${finding.subject}: ${reason}`),
  };
}

export const forPeople = "nothing says how: it is for you to decide";
