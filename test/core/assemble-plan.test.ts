import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { type Release, releaseId, type Tree } from "../../src/core/common/release.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Plan, Step } from "../../src/core/plan/plan.ts";
import type { PlanOptions } from "../../src/core/plan/plan-options.ts";
import { emptyRegistry, type Registry } from "../../src/core/registry/registry.ts";
import { registry } from "../support/registry.ts";
import { shownFaults } from "../support/shown-faults.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

const wikimedia = registry(`
rules:
  - match: { chart: mediawiki }
    class: mediawiki
  - match: { chart: statsd-exporter, namespace: "mw-*" }
    class: support
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [canary, [main, next, migration]]
  mw-script:
    support: [mediawiki-common, prometheus]
    mediawiki: "*"
  eventgate-main:
    sequence: [canary, production]
stages:
  - { name: daemonsets, releases: [mw-mcrouter/main], gate: wait }
  - { name: support, class: support, gate: wait }
  - { name: priority, services: [toolhub] }
  - { name: rest, class: other }
  - { name: mediawiki, class: mediawiki, run: [scap, sync-world, "-Dk8s_clusters:{environment}"] }
`);

const cluster = tree([
  release("mw-web/canary", mediawiki),
  release("mw-web/main", mediawiki),
  release("mw-web/migration", { ...mediawiki, installed: false }),
  release("mw-web/prometheus", exporter),
  release("mw-misc/main", mediawiki),
  release("mw-misc/prometheus", exporter),
  release("mw-videoscaler/main", mediawiki),
  release("mw-mcrouter/main", { chart: "wmf-stable/mcrouter" }),
  release("eventgate-main/canary", { chart: "wmf-stable/eventgate" }),
  release("eventgate-main/production", { chart: "wmf-stable/eventgate" }),
  release("miscweb/annualreport"),
  release("miscweb/bugzilla"),
  release("miscweb/os-reports", { installed: false }),
  release("toolhub/main"),
]);

function planOf(options: Partial<PlanOptions> & { tree?: Tree; registry?: Registry } = {}): Plan {
  const { tree: ofTree = cluster, registry: by = wikimedia, ...rest } = options;
  const { plan, diagnostics } = assemblePlan(ofTree, by, {
    mode: "apply",
    servicesDir: "/srv/helmfile.d/services",
    ...rest,
  });
  if (!plan) throw new Error(renderDiagnostics(diagnostics));
  return plan;
}

function faultsOf(options: Partial<PlanOptions> & { tree?: Tree; registry?: Registry }): string {
  const { tree: ofTree = cluster, registry: by = wikimedia, ...rest } = options;
  const answer = assemblePlan(ofTree, by, { mode: "apply", servicesDir: "/srv", ...rest });
  expect(answer.plan).toBeUndefined();
  return shownFaults(answer.diagnostics);
}

function step(plan: Plan, id: string): Step {
  const found = plan.steps.find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id} among ${plan.steps.map((one) => one.id).join(", ")}`);
  return found;
}

function ids(plan: Plan): string[] {
  return plan.steps.map((one) => one.id).sort();
}

/** Ids of everything that must have ended before the step, through other steps too. */
function ancestors(plan: Plan, id: string): Set<string> {
  const found = new Set<string>();
  const stack = [id];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const before of step(plan, next).after) {
      if (!found.has(before)) stack.push(before);
      found.add(before);
    }
  }
  return found;
}

describe("an apply", () => {
  it("leaves MediaWiki to scap, and says so for each release", () => {
    const plan = planOf();
    expect(ids(plan)).toEqual([
      "eventgate-main/canary",
      "eventgate-main/production",
      "miscweb",
      "mw-mcrouter",
      "mw-misc/prometheus",
      "mw-web/prometheus",
      "toolhub",
    ]);
    expect(plan.excluded.filter((one) => one.class === "mediawiki").map((one) => one.reason)).toEqual([
      "MediaWiki: scap deploys it",
      "MediaWiki: scap deploys it",
      "MediaWiki: scap deploys it",
      "MediaWiki: scap deploys it",
      "not installed in eqiad",
    ]);
  });

  it("is one stage without gates", () => {
    const plan = planOf();
    expect(plan.stages.map(({ name, gate }) => [name, gate])).toEqual([["apply", "none"]]);
    expect(plan.gates).toEqual([]);
  });

  it("with MediaWiki holds it in each namespace until what it needs is there", () => {
    const plan = planOf({ withMediawiki: true });
    expect(plan.gates).toEqual([
      { id: "apply:mw-misc", stage: "apply", namespace: "mw-misc", steps: ["mw-misc/prometheus"] },
      { id: "apply:mw-web", stage: "apply", namespace: "mw-web", steps: ["mw-web/prometheus"] },
    ]);
    const held = plan.steps.flatMap(({ id, gates = [] }) => gates.map((gate) => [gate, id]));
    expect(held.sort()).toEqual([
      ["apply:mw-misc", "mw-misc/main"],
      // What comes behind the canary waits for the canary.
      ["apply:mw-web", "mw-web/canary"],
    ]);
  });

  it("runs a service whose releases all go together without a selector, so that helmfile keeps its needs", () => {
    expect(step(planOf(), "miscweb")).toEqual({
      id: "miscweb",
      service: "miscweb",
      helmfile: "/srv/helmfile.d/services/miscweb/helmfile.yaml",
      releases: ["miscweb/annualreport", "miscweb/bugzilla"],
      class: "other",
      action: "apply",
      args: [
        "--file",
        "/srv/helmfile.d/services/miscweb/helmfile.yaml",
        "--environment",
        "eqiad",
        "apply",
        "--context",
        "5",
      ],
      after: [],
      stage: "apply",
      removesReleases: true,
    });
  });

  it("names the release, and never what to leave out, in a namespace with MediaWiki", () => {
    const { args } = step(planOf(), "mw-web/prometheus");
    expect(args).toContain("namespace=mw-web,name=prometheus");
    expect(
      planOf()
        .steps.flatMap((one) => one.args)
        .filter((word) => word.includes("!=")),
    ).toEqual([]);
  });

  it("keeps the registry's sequence in a namespace without MediaWiki", () => {
    expect(step(planOf(), "eventgate-main/production").after).toEqual(["eventgate-main/canary"]);
  });

  it("visits a service of which nothing is installed, so that helmfile removes what once was", () => {
    const gone = tree([release("old/main", { installed: false })]);
    expect(planOf({ tree: gone }).steps).toMatchObject([
      { id: "old", releases: [], class: "other", removesReleases: true },
    ]);
    expect(planOf({ tree: gone, supportOnly: true }).steps).toEqual([]);
  });

  it("never goes whole where MediaWiki is near, though all that is installed is not MediaWiki", () => {
    const staging = tree([release("mw-script/prometheus", exporter)], { environment: "staging" });
    expect(step(planOf({ tree: staging }), "mw-script/prometheus").args).toContain(
      "namespace=mw-script,name=prometheus",
    );
  });

  it("deploys MediaWiki after the support releases of its namespace, canary first, when told to", () => {
    const plan = planOf({ withMediawiki: true });
    expect(step(plan, "mw-web/canary").after).toEqual(["mw-web/prometheus"]);
    expect(step(plan, "mw-web/main").after).toEqual(["mw-web/canary"]);
    expect(step(plan, "mw-videoscaler/main").after).toEqual([]);
  });

  it("skips a wave of which nothing is deployed without losing the order around it", () => {
    const noCanary = tree([release("mw-web/main", mediawiki), release("mw-web/prometheus", exporter)]);
    expect(step(planOf({ tree: noCanary, withMediawiki: true }), "mw-web/main").after).toEqual([
      "mw-web/prometheus",
    ]);
  });

  it("deploys only support releases under --support-only, each named", () => {
    const plan = planOf({ supportOnly: true });
    expect(ids(plan)).toEqual(["mw-misc/prometheus", "mw-web/prometheus"]);
    expect(plan.excluded).toContainEqual({
      release: "toolhub/main",
      class: "other",
      reason: "not a support release (--support-only)",
    });
  });

  it("selects a release without a namespace by its name alone", () => {
    const odd = tree([
      release("odd/split", { id: releaseId("", "split"), namespace: "", chart: "wmf-stable/mediawiki" }),
    ]);
    const [one] = planOf({ tree: odd, withMediawiki: true }).steps;
    expect(one).toMatchObject({ id: "odd:/split", releases: ["/split"] });
    expect(one?.args).toContain("name=split");
  });

  it("hands the kubeconfig of the helmfile to the step", () => {
    const kubeconfig = "/etc/kubernetes/toolhub-deploy-eqiad.config";
    const one = tree([release("toolhub/main", { kubeconfig })]);
    expect(step(planOf({ tree: one }), "toolhub").kubeconfig).toBe(kubeconfig);
  });

  it("treats every release alike under an empty registry", () => {
    const plan = planOf({ registry: emptyRegistry });
    expect(plan.steps.every((one) => one.after.length === 0 && !one.args.includes("-l"))).toBe(true);
    expect(step(plan, "mw-web").releases).toEqual(["mw-web/canary", "mw-web/main", "mw-web/prometheus"]);
  });
});

describe("a restore", () => {
  it("goes through the stages, with sync and without diffs", () => {
    const plan = planOf({ mode: "restore" });
    expect(plan.stages).toEqual([
      { name: "daemonsets", gate: "wait", steps: ["mw-mcrouter"] },
      { name: "support", gate: "wait", steps: ["mw-misc/prometheus", "mw-web/prometheus"] },
      { name: "priority", gate: "none", steps: ["toolhub"] },
      {
        name: "rest",
        gate: "none",
        steps: ["eventgate-main/canary", "eventgate-main/production", "miscweb"],
      },
      {
        name: "mediawiki",
        gate: "none",
        steps: [],
        run: ["scap", "sync-world", "-Dk8s_clusters:eqiad"],
        runAfter: ["daemonsets", "support"],
        runDeploys: ["mw-misc/main", "mw-videoscaler/main", "mw-web/canary", "mw-web/main"],
      },
    ]);
    expect(new Set(plan.steps.map((one) => one.action))).toEqual(new Set(["sync"]));
  });

  it("holds every later step behind a gate that is not for support", () => {
    const plan = planOf({ mode: "restore" });
    for (const one of plan.steps) {
      expect(ancestors(plan, one.id).has("mw-mcrouter")).toBe(one.id !== "mw-mcrouter");
    }
  });

  it("holds only MediaWiki behind the gate of support: the rest does not wait for it", () => {
    const plan = planOf({ mode: "restore" });
    expect(step(plan, "toolhub").after).toEqual(["mw-mcrouter"]);
    expect(plan.gates.find(({ id }) => id === "support")?.steps).toEqual([
      "mw-misc/prometheus",
      "mw-web/prometheus",
    ]);
  });

  it("replaces the command by steps under --with-mediawiki, held namespace by namespace", () => {
    const plan = planOf({ mode: "restore", withMediawiki: true });
    const stage = plan.stages.find(({ name }) => name === "mediawiki");
    expect(stage?.run).toBeUndefined();
    expect(stage?.steps).toContain("mw-videoscaler/main");
    expect(step(plan, "mw-web/canary")).toMatchObject({
      after: ["mw-web/prometheus", "mw-mcrouter"],
      gates: ["daemonsets", "support:mw-web"],
    });
    expect(ancestors(plan, "mw-misc/main").has("mw-web/prometheus")).toBe(false);
  });

  it("splits a service whose releases are of different stages", () => {
    const staged = registry(
      "stages:\n  - { name: first, releases: [foo/a] }\n  - { name: rest, class: other }\n",
    );
    const foo = tree([release("foo/a"), release("foo/b"), release("bar/a"), release("bar/b")]);
    const plan = planOf({ mode: "restore", registry: staged, tree: foo });
    expect(plan.stages.map(({ name, steps }) => [name, steps])).toEqual([
      ["first", ["foo/a"]],
      ["rest", ["bar", "foo/b"]],
    ]);
  });

  it("has no gates where no stage asks for one, though MediaWiki waits for its support", () => {
    const gateless = registry(`
namespaces:
  mw-web: { support: [prometheus], mediawiki: [main] }
stages:
  - { name: support, class: support }
  - { name: mediawiki, class: mediawiki }
`);
    const web = tree([release("mw-web/main", mediawiki), release("mw-web/prometheus", exporter)]);
    const plan = planOf({ mode: "restore", registry: gateless, tree: web, withMediawiki: true });
    expect(plan.gates).toEqual([]);
    expect(step(plan, "mw-web/main")).toMatchObject({ after: ["mw-web/prometheus"] });
    expect(step(plan, "mw-web/main")).not.toHaveProperty("gates");
  });

  it("has its command wait for all support and for the gates of the stages before it", () => {
    const early = registry(`
namespaces:
  mw-web: { support: [prometheus], mediawiki: [main] }
stages:
  - { name: first, services: [first], gate: wait }
  - { name: support, class: support }
  - { name: later, services: [later], gate: wait }
  - { name: rest, class: other }
  - { name: mediawiki, class: mediawiki, run: [scap] }
`);
    const all = tree([
      release("mw-web/main", mediawiki),
      release("mw-web/prometheus", exporter),
      ...["first", "later", "rest"].map((name) => release(`${name}/main`)),
    ]);
    const plan = planOf({ mode: "restore", registry: early, tree: all });
    expect(plan.stages.find(({ run }) => run)?.runAfter).toEqual(["first", "later", "mediawiki"]);
    expect(plan.gates.map(({ id, steps }) => [id, steps])).toEqual([
      ["first", ["first"]],
      ["later", ["later"]],
      ["mediawiki", ["mw-web/prometheus"]],
    ]);
  });

  it("leaves the command out under --support-only", () => {
    expect(planOf({ mode: "restore", supportOnly: true }).stages.map(({ name }) => name)).toEqual([
      "support",
    ]);
  });

  it("has no command where no MediaWiki is selected", () => {
    const plan = planOf({ mode: "restore", selection: { service: ["toolhub"] } });
    expect(plan.stages.map(({ name }) => name)).toEqual(["priority"]);
    // Nor is anything withheld: there was nothing to hand over.
    const options = { mode: "restore", servicesDir: "/srv", selection: { service: ["toolhub"] } } as const;
    expect(assemblePlan(cluster, wikimedia, options).diagnostics).toEqual([]);
  });

  it("is refused where no stage takes a release, with the lines to add", () => {
    const noRest = registry("stages:\n  - { name: support, class: support }\n");
    expect(
      faultsOf({ mode: "restore", registry: noRest, tree: tree([release("toolhub/main")]) }),
    ).toMatchInlineSnapshot(`
      "[no-stage] error: no stage of the restore takes toolhub/main (other)
        expected: a stage for every release that is deployed
        to do: add to stages: in registry.yaml:
            - { name: other, class: other }"
    `);
  });
});

describe("the hand-off to scap", () => {
  const warningsOf = (options: Partial<PlanOptions>) =>
    assemblePlan(cluster, wikimedia, { mode: "restore", servicesDir: "/srv", ...options }).diagnostics.map(
      ({ message }) => message,
    );

  it("is withheld, and says so, when a flag leaves out support releases: scap would deploy all of MediaWiki", () => {
    const selection = { service: ["mw-web"] };
    expect(planOf({ mode: "restore", selection }).stages.map(({ name }) => name)).toEqual(["support"]);
    expect(warningsOf({ selection })).toEqual([
      "MediaWiki will not be handed to scap: this restore leaves out 1 support release that it needs (mw-misc/prometheus)",
    ]);
  });

  it.each(["mw-web", "mediawiki/mw-web"])(
    "is withheld when %s, which could not be read, may hold support releases",
    (service) => {
      const unread = { ...cluster, services: cluster.services.filter(({ name }) => name !== "mw-web") };
      const answer = assemblePlan({ ...unread, unreadable: [{ service, message: "no value" }] }, wikimedia, {
        mode: "restore",
        servicesDir: "/srv",
        selection: { exclude: [service] },
      });
      expect(answer.plan?.stages.some(({ run }) => run)).toBe(false);
      expect(answer.diagnostics.map(({ message }) => message)).toEqual([
        "MediaWiki will not be handed to scap: this restore leaves out 1 support release that it needs (mw-web/prometheus)",
      ]);
    },
  );

  it("is not withheld when only MediaWiki's own services or others are left out", () => {
    const plan = planOf({ mode: "restore", selection: { exclude: ["mw-videoscaler", "toolhub"] } });
    expect(plan.stages.at(-1)?.run).toBeDefined();
  });

  it("warns of a support release that the registry requires here and nobody installs", () => {
    const without = tree([release("mw-web/main", mediawiki)]);
    const { diagnostics } = assemblePlan(without, wikimedia, { mode: "restore", servicesDir: "/srv" });
    expect(diagnostics).toMatchObject([
      {
        severity: "warning",
        message: "MediaWiki in mw-web needs mw-web/prometheus, which no helmfile installs in eqiad",
        place: { line: 10 },
      },
    ]);
  });

  it("warns of it under --support-only too: MediaWiki would not find it afterwards", () => {
    const without = tree([release("mw-web/main", mediawiki)]);
    const options = { mode: "apply", servicesDir: "/srv", supportOnly: true } as const;
    expect(assemblePlan(without, wikimedia, options).diagnostics).toMatchObject([
      { code: "missing-support" },
    ]);
  });

  it("does not warn where the registry requires it in other environments only", () => {
    const elsewhere = registry(
      "namespaces:\n  mw-web:\n    support: [{ release: prometheus, environments: [codfw] }]\n    mediawiki: [main]\nstages:\n  - { name: mediawiki, class: mediawiki, run: [scap] }\n",
    );
    const without = tree([release("mw-web/main", mediawiki)]);
    const { plan, diagnostics } = assemblePlan(without, elsewhere, { mode: "restore", servicesDir: "/srv" });
    expect(diagnostics).toEqual([]);
    // Nothing is waited for, and no gate that has no steps.
    expect(plan?.gates).toEqual([]);
    expect(plan?.stages).toMatchObject([{ name: "mediawiki", run: ["scap"] }]);
  });
});

describe("a release without a namespace", () => {
  const nameless = (name: string, extra: Partial<Release> = {}) =>
    release(`odd/${name}`, { id: releaseId("", name), namespace: "", ...extra });

  it("that helmfile cannot select alone is an error", () => {
    const odd = tree([nameless("main"), release("mw-web/main", { ...mediawiki, service: "odd" })]);
    expect(faultsOf({ tree: odd })).toContain("has no namespace, and mw-web/main has the same name");
  });

  it("that is MediaWiki keeps its service from going whole: helmfile would remove what is not installed", () => {
    const odd = tree([nameless("main", { ...mediawiki, installed: false }), nameless("cache")]);
    expect(planOf({ tree: odd }).steps.map(({ args }) => args.includes("name=cache"))).toEqual([true]);
  });

  it("waits for no other one: where each of them goes only its kubeconfig says", () => {
    const by = registry(
      "rules:\n  - { match: { chart: mediawiki }, class: mediawiki }\n  - { match: { chart: statsd-exporter }, class: support }\n",
    );
    const odd = tree([
      nameless("main", { ...mediawiki, service: "one" }),
      nameless("prometheus", { ...exporter, service: "two" }),
    ]);
    const { steps } = planOf({ tree: odd, registry: by, withMediawiki: true });
    expect(steps.map(({ after }) => after)).toEqual([[], []]);
  });
});

it("the releases of `other` are a sequence too", () => {
  const ordered = registry("namespaces:\n  foo:\n    other: [canary, production]\n");
  const foo = tree([release("foo/canary"), release("foo/production")]);
  expect(step(planOf({ tree: foo, registry: ordered }), "foo/production").after).toEqual(["foo/canary"]);
});

it("what a sequence names by a star comes where the star stands, without those that it names otherwise", () => {
  const ordered = registry('namespaces:\n  foo:\n    other: [canary, "*", last]\n');
  const foo = tree(["last", "b", "canary", "a"].map((name) => release(`foo/${name}`)));
  const { steps } = planOf({ tree: foo, registry: ordered });
  expect(steps.map(({ id, after }) => [id, after.toSorted()])).toEqual([
    ["foo/canary", []],
    ["foo/b", ["foo/canary"]],
    ["foo/a", ["foo/canary"]],
    ["foo/last", ["foo/a", "foo/b"]],
  ]);
});

it("each step has the context and the helm of its own release, where the helmfile names one", () => {
  const two = tree([
    release("mw-web/prometheus", { ...exporter, kubeContext: "one", helm: "helm3.17" }),
    release("toolhub/main"),
  ]);
  const { steps } = planOf({ tree: two });
  expect(steps.find(({ id }) => id === "mw-web/prometheus")).toMatchObject({
    kubeContext: "one",
    helm: "helm3.17",
  });
  for (const key of ["kubeContext", "helm", "kubeconfig"])
    expect(steps.find(({ id }) => id === "toolhub")).not.toHaveProperty(key);
});

it("each step has the kubeconfig of its own release", () => {
  const two = tree([
    release("n1/a", { service: "s", kubeconfig: "/k1" }),
    release("mw-web/prometheus", { ...exporter, service: "s", kubeconfig: "/k2" }),
  ]);
  expect(
    planOf({ tree: two })
      .steps.map(({ id, kubeconfig }) => [id, kubeconfig])
      .sort(),
  ).toEqual([
    ["mw-web/prometheus", "/k2"],
    ["n1/a", "/k1"],
  ]);
});

it("the operators' log command has the environment filled in", () => {
  const logging = registry('log: [log, "[{environment}] {message}"]\n');
  expect(planOf({ registry: logging, tree: tree([release("toolhub/main")]) }).log).toEqual([
    "log",
    "[eqiad] {message}",
  ]);
});

describe("what an operator selects", () => {
  it("is left out with the flag that said so", () => {
    const { excluded, steps } = planOf({ selection: { service: ["m*"], exclude: ["mw-*"] } });
    expect(steps.map(({ id }) => id)).toEqual(["miscweb"]);
    expect(excluded).toContainEqual({
      release: "toolhub/main",
      class: "other",
      reason: "not selected by --service m*",
    });
    expect(excluded).toContainEqual({
      release: "mw-mcrouter/main",
      class: "other",
      reason: "excluded by --exclude mw-*",
    });
  });

  it("comes first by --priority, without an edge", () => {
    const [first, ...others] = planOf({ selection: { priority: ["toolhub"] } }).steps;
    expect(first?.id).toBe("toolhub");
    expect(others.some(({ after }) => after.includes("toolhub"))).toBe(false);
  });

  it("begins at --resume_at in charlie's order, --priority as given and then by path", () => {
    const plan = planOf({ selection: { priority: ["toolhub"], resumeAt: "mw-misc" } });
    expect(ids(plan)).toEqual(["mw-misc/prometheus", "mw-web/prometheus"]);
    expect(plan.excluded.find((one) => one.release === "toolhub/main")?.reason).toBe(
      "before --resume_at mw-misc: counts as done",
    );
  });

  it("cannot skip support releases of a restore by --resume_at", () => {
    const selection = { resumeAt: "toolhub" };
    expect(faultsOf({ mode: "restore", selection })).toMatchInlineSnapshot(`
      "[resume-skips-support] error: --resume_at toolhub would skip support releases that MediaWiki needs: mw-misc/prometheus, mw-web/prometheus
        to do: leave --resume_at out: in a restore, what is there already is deployed again, and that changes nothing"
    `);
    // An apply changes what is there, and may begin anywhere.
    expect(ids(planOf({ selection }))).toEqual(["toolhub"]);
  });

  it("is an error where it matches nothing, with the nearest name", () => {
    expect(faultsOf({ selection: { service: ["toolhb"] } })).toMatchInlineSnapshot(`
      "[unknown-service] error: --service "toolhb" matches no service
        expected: one of the 7 services, for example eventgate-main, miscweb, mw-mcrouter
        to do: did you mean toolhub?"
    `);
    expect(faultsOf({ selection: { resumeAt: "toolhb" } })).toContain("did you mean toolhub?");
    expect(faultsOf({ selection: { exclude: ["toolhb"] } })).toContain("did you mean toolhub?");
    expect(faultsOf({ selection: { priority: ["toolhb"] } })).toContain("did you mean toolhub?");
  });

  it("is only worth a word where it has nothing in this environment", () => {
    const answer = assemblePlan({ ...cluster, absent: ["shop"] }, wikimedia, {
      mode: "apply",
      servicesDir: "/srv",
      selection: { service: ["shop"] },
    });
    expect(answer.plan?.steps).toEqual([]);
    expect(answer.diagnostics).toMatchObject([{ severity: "warning", code: "absent-service" }]);
  });

  it("names a service that could not be read, by itself where it is left out: that needs no mending", () => {
    const unreadable = [{ service: "broken", message: "no value", exitCode: 1 }];
    const whole = planOf({ tree: { ...cluster, unreadable } });
    expect(whole).toMatchObject({ unreadable });
    expect(whole).not.toHaveProperty("excludedUnreadable");
    expect(planOf({ tree: { ...cluster, unreadable }, selection: { exclude: ["bro*"] } })).toMatchObject({
      unreadable: [],
      excludedUnreadable: [{ ...unreadable[0], reason: "excluded by --exclude bro*" }],
    });
  });

  it("cannot be support only and MediaWiki too", () => {
    expect(faultsOf({ supportOnly: true, withMediawiki: true })).toMatchInlineSnapshot(`
      "[contradicting-flags] error: --support-only and --with-mediawiki contradict each other
        to do: leave one of them out"
    `);
    const without = tree(
      cluster.services.flatMap((one) => one.releases).filter(({ name }) => name === "main"),
    );
    const { diagnostics } = assemblePlan(without, wikimedia, {
      ...{ mode: "apply", servicesDir: "/srv", supportOnly: true, withMediawiki: true },
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["contradicting-flags"]);
  });
});

describe("an unclassified release", () => {
  const strange = tree([...cluster.services.flatMap((one) => one.releases), release("mw-web/cache")]);

  it("makes a plan impossible, with the lines to add", () => {
    expect(faultsOf({ tree: strange })).toMatchInlineSnapshot(`
      "[unclassified-release] registry.yaml:9:3: error: mw-web/cache (chart wmf-stable/miscweb) is in a MediaWiki namespace, and nothing in the registry says what it is
        9 |   mw-web:
          |   ^^^^^^
        expected: an entry in its namespace, or a rule that matches it
        to do: add one of these lines to the entry of mw-web in registry.yaml, in place of the one with the same key if there is one:
          namespaces:
            mw-web:
              support: [prometheus, cache]                          # MediaWiki needs it first
              mediawiki: [canary, [main, next, migration], cache]   # scap deploys it
              other: [cache]                                        # neither"
    `);
  });

  it("is the one thing that is wrong with a restore: no stage has to take it as well", () => {
    const options = { mode: "restore", servicesDir: "/srv" } as const;
    const { diagnostics } = assemblePlan(strange, wikimedia, options);
    expect(diagnostics.map(({ code }) => code)).toEqual(["unclassified-release"]);
  });

  it("does not where its service is not selected", () => {
    expect(ids(planOf({ tree: strange, selection: { service: ["toolhub"] } }))).toEqual(["toolhub"]);
  });

  it("does not where it is not installed here", () => {
    const elsewhere = tree([
      ...cluster.services.flatMap((one) => one.releases),
      release("mw-web/cache", { installed: false }),
    ]);
    expect(ids(planOf({ tree: elsewhere }))).toEqual(ids(planOf()));
  });
});

describe("needs", () => {
  const needing = (need: string, extra: readonly Release[] = []) =>
    tree([
      release("mw-web/main", mediawiki),
      release("mw-web/prometheus", { ...exporter, needs: [releaseId("mw-web", need)] }),
      ...extra,
    ]);

  it("between releases of a split service become edges, as helmfile skips them with a selector", () => {
    const common = release("mw-web/common", { chart: "wmf-stable/statsd-exporter" });
    expect(step(planOf({ tree: needing("common", [common]) }), "mw-web/prometheus").after).toEqual([
      "mw-web/common",
    ]);
  });

  it("of an unknown release are an error", () => {
    expect(faultsOf({ tree: needing("comon") })).toMatchInlineSnapshot(`
      "[unknown-need] error: mw-web/prometheus needs mw-web/comon, which mw-web/helmfile.yaml does not list
        expected: one of mw-web/main
        to do: correct its "needs" in mw-web/helmfile.yaml"
    `);
    const alone = release("mw-web/prometheus", { ...exporter, needs: [releaseId("mw-web", "comon")] });
    expect(faultsOf({ tree: tree([alone]) })).toContain("expected: a release of the same helmfile\n");
  });

  it("of a release that is not deployed are a warning with the reason", () => {
    const answer = assemblePlan(needing("main"), wikimedia, { mode: "apply", servicesDir: "/srv" });
    expect(answer.plan?.steps).toHaveLength(1);
    expect(answer.diagnostics).toEqual([
      {
        severity: "warning",
        code: "need-not-deployed",
        message: "mw-web/prometheus needs mw-web/main, which is not deployed now: MediaWiki: scap deploys it",
        remedy: "make sure that mw-web/main is there already",
      },
    ]);
  });

  it("of a release that is not installed here need nothing", () => {
    const gone = release("mw-web/common", { ...exporter, installed: false });
    const answer = assemblePlan(needing("common", [gone]), wikimedia, { mode: "apply", servicesDir: "/srv" });
    expect(answer.diagnostics).toEqual([]);
  });

  it("are kept through a release that is not deployed now", () => {
    const chain = tree([
      release("mw-web/main", mediawiki),
      release("mw-web/last", { ...exporter, needs: [releaseId("mw-web", "middle")] }),
      release("mw-web/middle", { ...exporter, installed: false, needs: [releaseId("mw-web", "first")] }),
      release("mw-web/first", exporter),
    ]);
    expect(step(planOf({ tree: chain }), "mw-web/last").after).toEqual(["mw-web/first"]);
  });

  it("that close a circle are an error that names every link", () => {
    const circle = tree([
      release("mw-web/main", mediawiki),
      release("mw-web/prometheus", { ...exporter, needs: [releaseId("mw-web", "common")] }),
      release("mw-web/common", { ...exporter, needs: [releaseId("mw-web", "prometheus")] }),
    ]);
    expect(faultsOf({ tree: circle })).toMatchInlineSnapshot(`
      "[cycle] error: these wait for each other: mw-web/prometheus waits for mw-web/common (mw-web/prometheus needs mw-web/common); mw-web/common waits for mw-web/prometheus (mw-web/common needs mw-web/prometheus)
        to do: take one of these dependencies away"
    `);
  });
});

it("a circle that several lines of the registry close names each of them", () => {
  const ordered = registry("namespaces:\n  foo:\n    sequence:\n      - a\n      - b\n      - c\n");
  const needs = [releaseId("foo", "c")];
  const foo = tree([release("foo/a", { needs }), release("foo/b"), release("foo/c")]);
  expect(faultsOf({ registry: ordered, tree: foo })).toMatchInlineSnapshot(`
    "[cycle] registry.yaml:7:9: error: these wait for each other: foo/c waits for foo/b (the sequence of foo); foo/a waits for foo/c (foo/a needs foo/c); foo/b waits for foo/a (the sequence of foo)
      7 |       - c
        |         ^
      registry.yaml:6:9: also ordered here (registry.yaml:6:9)
      6 |       - b
        |         ^
      to do: take one of these dependencies away"
  `);
});

it("two namespaces' orders that cross stages backwards are an error, not a rollout that hangs", () => {
  const backwards = registry(`
namespaces:
  shop:
    support: [prometheus]
    mediawiki: [main]
stages:
  - { name: first, releases: [shop/main], gate: wait }
  - { name: support, class: support }
`);
  const shop = tree([release("shop/main", mediawiki), release("shop/prometheus", exporter)]);
  expect(
    faultsOf({ mode: "restore", registry: backwards, tree: shop, withMediawiki: true }),
  ).toMatchInlineSnapshot(`
    "[cycle] registry.yaml:5:15: error: these wait for each other: shop/main waits for shop/prometheus (MediaWiki waits for the support releases of its namespace); shop/prometheus waits for shop/main (the gate of the stage first)
      5 |     support: [prometheus]
        |               ^^^^^^^^^^
      registry.yaml:8:13: also ordered here (registry.yaml:8:13)
      8 |   - { name: first, releases: [shop/main], gate: wait }
        |             ^^^^^
      to do: take one of these dependencies away"
  `);
});

describe("whatever the tree", () => {
  const names = fc.constantFrom("main", "canary", "prometheus", "cache", "next");
  const anyRelease = fc
    .record({
      namespace: fc.constantFrom(
        "mw-web",
        "mw-script",
        "mw-misc",
        "eventgate-main",
        "miscweb",
        "mw-mcrouter",
      ),
      name: names,
      chart: fc.constantFrom("wmf-stable/mediawiki", "wmf-stable/statsd-exporter", "wmf-stable/miscweb"),
      installed: fc.boolean(),
    })
    .map(({ namespace, name, chart, installed }) => release(`${namespace}/${name}`, { chart, installed }));
  const anyTree = fc
    .uniqueArray(anyRelease, { selector: (one) => one.id, maxLength: 25 })
    .map((all) => tree(all));
  const anyOptions = fc.record({
    mode: fc.constantFrom("apply" as const, "restore" as const),
    supportOnly: fc.boolean(),
    withMediawiki: fc.boolean(),
  });

  it("every release is in exactly one place, and nothing is ordered before what it waits for", () => {
    fc.assert(
      fc.property(anyTree, anyOptions, (one, options) => {
        const { plan } = assemblePlan(one, wikimedia, { servicesDir: "/srv", ...options });
        if (!plan) return;
        const all = one.services.flatMap((service) => service.releases.map(({ id }) => id)).sort();
        const placed = [
          ...plan.steps.flatMap(({ releases }) => releases),
          ...plan.excluded.map((out) => out.release),
        ];
        expect(placed.sort()).toEqual(all);
        const seen = new Set<string>();
        for (const { id, after } of plan.steps) {
          for (const before of after) expect(seen.has(before)).toBe(true);
          seen.add(id);
        }
        expect(plan.stages.flatMap(({ steps }) => steps).sort()).toEqual(ids(plan));
      }),
    );
  });

  it("MediaWiki is never deployed unless asked for, and never before the support releases of its namespace", () => {
    fc.assert(
      fc.property(anyTree, anyOptions, (one, options) => {
        const { plan } = assemblePlan(one, wikimedia, { servicesDir: "/srv", ...options });
        if (!plan) return;
        const support = plan.steps.filter((found) => found.class === "support");
        for (const found of plan.steps) {
          if (found.class !== "mediawiki") continue;
          expect(options.withMediawiki).toBe(true);
          const [namespace] = found.releases[0]?.split("/") ?? [];
          for (const { id, releases } of support) {
            if (releases[0]?.startsWith(`${namespace}/`)) expect(ancestors(plan, found.id)).toContain(id);
          }
        }
      }),
    );
  });

  it("the same tree gives the same bytes", () => {
    fc.assert(
      fc.property(anyTree, anyOptions, (one, options) => {
        const bytes = () =>
          JSON.stringify(assemblePlan(structuredClone(one), wikimedia, { servicesDir: "/srv", ...options }));
        expect(bytes()).toBe(bytes());
      }),
    );
  });
});
