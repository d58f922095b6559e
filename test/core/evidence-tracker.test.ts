import { describe, expect, it } from "vitest";
import type { ContainerFacts, EventFacts, PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import { fail, ok } from "../../src/core/common/result.ts";
import { type Evidence, renderEvidence } from "../../src/core/evidence/evidence.ts";
import type { LogQuestion, VariablesQuestion } from "../../src/core/evidence/evidence-questions.ts";
import { EvidenceTracker } from "../../src/core/evidence/evidence-tracker.ts";
import { KnownPods } from "../../src/core/evidence/known-pods.ts";
import type { LackingVariable } from "../../src/core/evidence/missing-variables.ts";
import { containerFacts, crashed, podFacts, stepBegins } from "../support/watched-cluster.ts";

function track(releases = ["mw-web/main"]) {
  const tracker = new EvidenceTracker({ id: "mw-web/main", releases });
  const lines = (evidence: readonly Evidence[]) => evidence.flatMap(renderEvidence);
  return {
    tracker,
    pod: (facts: Partial<PodFacts>) => lines(tracker.podSeen(podFacts(facts), stepBegins).evidence),
    event: (facts: Partial<EventFacts>) => lines(tracker.eventSeen(warning(facts))),
    questions: (facts: Partial<PodFacts>) =>
      tracker.podSeen(podFacts(facts), stepBegins).questions.map(({ kind }) => kind),
    end: () => lines(tracker.end()),
  };
}

function warning(facts: Partial<EventFacts>): EventFacts {
  return {
    namespace: "mw-web",
    kind: "Pod",
    name: podFacts().name,
    reason: "FailedMount",
    message: "no",
    ...facts,
  };
}

function waiting(reason: string, message?: string) {
  const state = { kind: "waiting", reason, ...(message === undefined ? {} : { message }) } as const;
  return containerFacts({ state });
}

const pod = `pod mw-web/${podFacts().name}`;

describe("what a pod waits for", () => {
  it("is told once, with what kubelet says of it, and not where it is the way of every start", () => {
    const { pod: see } = track();
    for (const reason of ["Pending", "ContainerCreating", "PodInitializing"]) {
      expect(see({ containers: [waiting(reason)] })).toEqual([]);
    }
    const pull = waiting("ImagePullBackOff", 'Back-off pulling image "mediawiki:nope"');
    expect(see({ containers: [pull] })).toEqual([
      `${pod}, container php: ImagePullBackOff: Back-off pulling image "mediawiki:nope"`,
    ]);
    expect(see({ containers: [pull] })).toEqual([]);
  });

  it("is told where no node takes it", () => {
    const { pod: see } = track();
    expect(see({ unschedulable: "0/5 nodes are available: 5 Insufficient cpu.", containers: [] })).toEqual([
      `${pod}: no node takes it: 0/5 nodes are available: 5 Insufficient cpu.`,
    ]);
    expect(see({ unschedulable: "0/6 nodes are available: 6 Insufficient cpu.", containers: [] })).toEqual(
      [],
    );
  });

  it("names the ConfigMap or Secret that is not there, or lacks a key", () => {
    const { pod: see } = track();
    expect(
      see({ containers: [waiting("CreateContainerConfigError", 'secret "tls" not found')] }).at(-1),
    ).toBe(`Secret mw-web/tls: is not there, and ${pod}, container php needs it`);
    const { pod: seeAgain } = track();
    const message = "couldn't find key dsn in ConfigMap mw-web/php-config";
    expect(seeAgain({ containers: [waiting("CreateContainerConfigError", message)] }).at(-1)).toBe(
      `ConfigMap mw-web/php-config: has no key dsn, and ${pod}, container php needs it`,
    );
  });
});

describe("a crash", () => {
  it("is told with its exit code and reason, and again when the restarts have doubled", () => {
    const { pod: see } = track();
    const told = [0, 1, 2, 3, 4].flatMap((restarts) => see({ containers: [crashed(restarts)] }));
    expect(told).toEqual([
      `${pod}, container php: exits with 78 (Error)`,
      `${pod}, container php: exits with 78 (Error), restarted 2 times`,
      `${pod}, container php: exits with 78 (Error), restarted 4 times`,
    ]);
  });

  it("is told with what the container left behind as its reason, and without a reason where it has none", () => {
    const { pod: see } = track();
    const ended = (name: string, reason: string, message?: string) =>
      containerFacts({
        name,
        state: {
          kind: "ended",
          exitCode: 1,
          reason,
          startedAt: 5,
          ...(message === undefined ? {} : { message }),
        },
      });
    const containers = [ended("php", "Error", "no database"), ended("httpd", ""), ended("mcrouter", "Error")];
    expect(see({ containers })).toEqual([
      `${pod}, container php: exits with 1 (Error): no database`,
      `${pod}, container httpd: exits with 1`,
      `${pod}, container mcrouter: exits with 1 (Error)`,
    ]);
  });

  it("is another one where the container ends in another way", () => {
    const { pod: see } = track();
    const told = [crashed(0), crashed(1, {}, 1), crashed(1)].map((one) => see({ containers: [one] }));
    expect(told).toEqual([
      [`${pod}, container php: exits with 78 (Error)`],
      [`${pod}, container php: exits with 1 (Error), restarted 1 time`],
      [],
    ]);
  });

  it("has its log asked for once for all pods, and again after five restarts", () => {
    const { questions } = track();
    const asks = (name: string, restarts: number) => questions({ name, containers: [crashed(restarts)] });
    expect(asks("a", 0)).toEqual(["log", "variables"]);
    expect(asks("b", 0)).toEqual(["variables"]);
    expect(asks("a", 4)).toEqual(["variables"]);
    expect(asks("a", 5)).toEqual(["log", "variables"]);
    expect(questions({ name: "a", containers: [crashed(5)] })).toEqual([]);
  });

  it("has that log asked for which tells of its end: of a container that runs again the one before", () => {
    const { tracker } = track();
    const state = { kind: "ended", exitCode: 1, reason: "Error", startedAt: 7 } as const;
    const waits = { kind: "waiting", reason: "CrashLoopBackOff" } as const;
    const asked = [
      podFacts({ name: "a", containers: [containerFacts({ name: "php", state })] }),
      podFacts({ name: "b", containers: [containerFacts({ name: "tls", state: waits, lastEnd: state })] }),
    ].flatMap((facts) => tracker.podSeen(facts, stepBegins).questions);
    const logs = asked.flatMap((one) =>
      one.kind === "log" ? [`${one.container.container} ${one.hasEnded}`] : [],
    );
    expect(logs).toEqual(["php true", "tls false"]);
  });

  it("for want of memory is no question of variables", () => {
    const { questions, pod: see } = track();
    const state = { kind: "ended", exitCode: 137, reason: "OOMKilled", startedAt: 5 } as const;
    expect(questions({ name: "a", containers: [containerFacts({ state })] })).toEqual(["log"]);
    expect(see({ name: "b", containers: [containerFacts({ state })] })).toEqual([
      "pod mw-web/b, container php: exits with 137 (OOMKilled)",
    ]);
  });

  it("is one and the same while the container ends, waits and runs again", () => {
    const { tracker } = track();
    const end = { kind: "ended", exitCode: 1, reason: "Error", startedAt: 7 } as const;
    const backOff = { kind: "waiting", reason: "CrashLoopBackOff" } as const;
    const running = { kind: "running", startedAt: 9 } as const;
    const asked = [
      containerFacts({ state: end }),
      containerFacts({ state: backOff, lastEnd: end }),
      containerFacts({ state: running, lastEnd: end, restarts: 1 }),
    ].map((one) => tracker.podSeen(podFacts({ containers: [one] }), stepBegins).questions.length);
    expect(asked).toEqual([2, 0, 0]);
  });

  it("is none where a container that was to end has ended well, or its pod is removed", () => {
    const { pod: see } = track();
    const end = { kind: "ended", exitCode: 0, reason: "Completed" } as const;
    expect(see({ name: "a", containers: [containerFacts({ state: end, init: true })] })).toEqual([]);
    const again = { ...waiting("ImagePullBackOff"), lastEnd: end };
    expect(see({ name: "c", containers: [again] })).toEqual([
      "pod mw-web/c, container php: ImagePullBackOff",
    ]);
    expect(see({ name: "b", deleted: true, containers: [crashed(0, {}, 143)] })).toEqual([]);
  });

  it("of a pod that was there before the step is no news, only the next one is", () => {
    const { pod: see } = track();
    const createdAt = stepBegins - 60_000;
    expect(see({ createdAt, containers: [crashed(3)] })).toEqual([]);
    expect(see({ createdAt, containers: [crashed(6)] })).toEqual([
      `${pod}, container php: exits with 78 (Error), restarted 6 times`,
    ]);
  });

  it("of a pod from before has its variables asked for, and never decides: helm may wait for this very pod", () => {
    const { tracker } = track();
    const createdAt = stepBegins - 60_000;
    const asked = (container: ContainerFacts) =>
      tracker
        .podSeen(podFacts({ createdAt, containers: [container] }), stepBegins)
        .questions.map((one) => (one.kind === "variables" ? `variables ${one.mayConclude}` : one.kind));
    const { state: end } = crashed(7);
    if (end.kind !== "ended") throw new Error("a crashed container has ended");
    const state = { kind: "waiting", reason: "CrashLoopBackOff" } as const;
    const loops = containerFacts({ state, lastEnd: end, restarts: 7 });
    // At the first look because it crash-loops now, and then with each crash.
    expect(asked(loops)).toEqual(["variables false"]);
    expect(asked({ ...loops, state: { ...state, message: "back-off 40s" } })).toEqual([]);
    expect(asked(crashed(8))).toEqual(["log", "variables false"]);
    expect(asked(crashed(9))).toEqual(["variables false"]);
    const ended = podFacts({ name: "ended", createdAt, containers: [crashed(3)] });
    expect(tracker.podSeen(ended, stepBegins).questions).toEqual([]);
  });

  it("of a pod that was made anew under the same name is told", () => {
    const { pod: see } = track();
    expect(see({ name: "kafka-0", createdAt: stepBegins - 60_000, containers: [crashed()] })).toEqual([]);
    expect(see({ name: "kafka-0", containers: [crashed()] })).toEqual([
      "pod mw-web/kafka-0, container php: exits with 78 (Error)",
    ]);
  });

  it("of another step's pod is not told, of a pod that does not say whose it is, it is", () => {
    const { tracker } = track();
    const foreign = podFacts({ name: "a", release: "canary", containers: [crashed()] });
    expect(tracker.podSeen(foreign, stepBegins)).toEqual({ evidence: [], questions: [] });
    const { release: _, ...unknown } = podFacts({ name: "b", containers: [crashed()] });
    const { evidence, questions } = track().tracker.podSeen(unknown, stepBegins);
    expect(evidence).toHaveLength(1);
    expect(questions).toMatchObject([{ kind: "log" }, { kind: "variables", mayConclude: false }]);
  });

  describe("decides how the step ends", () => {
    /** Whether each of these sights of one pod may. */
    function concludes(containers: readonly ContainerFacts[], facts: Partial<PodFacts> = {}): boolean[] {
      const { tracker } = track();
      return containers.flatMap((container) =>
        tracker
          .podSeen(podFacts({ ...facts, containers: [container] }), stepBegins)
          .questions.flatMap((one) => (one.kind === "variables" ? [one.mayConclude] : [])),
      );
    }
    const twice = (overrides: Partial<ContainerFacts>, exitCode?: number) => [
      crashed(0, overrides, exitCode),
      crashed(1, overrides, exitCode),
    ];

    it("from the second one on that ends in the same way", () => {
      expect(concludes([crashed(0), crashed(1), crashed(2)])).toEqual([false, true, true]);
      expect(concludes([crashed(0, {}, 1), crashed(1), crashed(2)])).toEqual([false, false, true]);
    });

    it("at the first sight only of a container that was restarted twice", () => {
      expect(concludes([crashed(1)])).toEqual([false]);
      expect(concludes([crashed(2)])).toEqual([true]);
    });

    it("never where something else than itself ended it", () => {
      for (const exitCode of [128, 137, 143, 255])
        expect(concludes(twice({}, exitCode))).toEqual([false, false]);
      expect(concludes(twice({}, 127))).toEqual([false, true]);
    });

    it("only for main containers of its own pods, made while it runs", () => {
      expect(concludes(twice({ init: true }))).toEqual([false, false]);
      const { release: _, ...ofNobody } = podFacts();
      const { tracker } = track();
      const asked = twice({}).map(
        (one) => tracker.podSeen({ ...ofNobody, containers: [one] }, stepBegins).questions,
      );
      expect(asked.flat().filter((one) => one.kind === "variables" && one.mayConclude)).toEqual([]);
      expect(concludes(twice({}), { createdAt: stepBegins - 60_000 })).toEqual([false]);
    });

    it("never where nobody knows when the step began, or what a Secret sets", () => {
      const { tracker } = track();
      const unsure = twice({}).flatMap(
        (one) => tracker.podSeen(podFacts({ containers: [one] }), undefined).questions,
      );
      expect(unsure.filter(({ kind }) => kind === "variables")).toMatchObject([
        { mayConclude: false },
        { mayConclude: false },
      ]);
      expect(concludes(twice({ hasSecretEnvironment: true }))).toEqual([false, false]);
    });
  });
});

describe("an event", () => {
  const unknown = "(it is not known whose it is)";

  it("is told once for all objects of its kind that it comes from", () => {
    const { event } = track();
    const quota = (name: string, used: number) => ({
      kind: "ReplicaSet",
      name,
      reason: "FailedCreate",
      message: `pods "${name}-x2kqp" is forbidden: exceeded quota: cpu, used: ${used}`,
    });
    expect(event(quota("main-5d8f7c9b6", 10))).toEqual([
      'ReplicaSet mw-web/main-5d8f7c9b6 (it is not known whose it is): FailedCreate: pods "main-5d8f7c9b6-x2kqp" is forbidden: exceeded quota: cpu, used: 10',
    ]);
    expect(event(quota("main-6c9f7d8b5", 12))).toEqual([]);
  });

  it("names the ConfigMap that cannot be mounted", () => {
    const { event, pod: see } = track();
    see({});
    expect(
      event({ message: 'MountVolume.SetUp failed for volume "c" : configmap "main-php-envvars" not found' }),
    ).toEqual([
      `${pod}: FailedMount: MountVolume.SetUp failed for volume "c" : configmap "main-php-envvars" not found`,
      `ConfigMap mw-web/main-php-envvars: is not there, and ${pod} needs it`,
    ]);
  });

  it("of a pod that is on its way out, or another step's, or that its state tells, is not told", () => {
    const { event, pod: see } = track();
    see({});
    expect(event({ reason: "BackOff", message: "Back-off restarting failed container" })).toEqual([]);
    see({ name: "old", createdAt: stepBegins - 60_000 });
    see({ name: "gone", deleted: true });
    see({ name: "foreign", release: "canary" });
    const told = ["old", "gone", "foreign"].flatMap((name) => event({ name, reason: "Unhealthy" }));
    expect(told).toEqual([]);
  });

  it("about a pod that nobody told of yet waits for the pod, or for the end", () => {
    const { event, pod: see, end } = track();
    const names = ["own", "old", "gone", "foreign", "nobody"];
    expect(names.flatMap((name) => event({ name, reason: `${name}Failed` }))).toEqual([]);
    expect(see({ name: "old", createdAt: stepBegins - 60_000 })).toEqual([]);
    expect(see({ name: "gone", deleted: true })).toEqual([]);
    expect(see({ name: "foreign", release: "canary" })).toEqual([]);
    expect(see({ name: "own" })).toEqual(["pod mw-web/own: ownFailed: no"]);
    expect(see({ name: "own", containers: [crashed()] })).toHaveLength(1);
    expect(end()).toEqual([`pod mw-web/nobody ${unknown}: nobodyFailed: no`]);
    expect(end()).toEqual([]);
  });

  it("about what keeps pods belongs to their release, and of what keeps none it is said that nobody knows", () => {
    const { event, pod: see } = track();
    const deployment = (name: string) => ({ kind: "Deployment", name });
    see({ name: "a", owner: deployment("mediawiki-main") });
    see({ name: "b", owner: deployment("mediawiki-main-canary"), release: "canary" });
    see({ name: "c", owner: { kind: "Job", name: "backup-1" }, release: "canary" });
    see({ name: "d", namespace: "mw-api", owner: deployment("other") });
    const about = (kind: string, name: string) =>
      event({ kind, name, reason: `${kind}Failed` }).map((line) => line.split(": ")[0]);
    expect(about("ReplicaSet", "mediawiki-main-canary-5d8f7c9b6")).toEqual([]);
    expect(about("Deployment", "mediawiki-main-canary")).toEqual([]);
    expect(about("Job", "backup-1")).toEqual([]);
    expect(about("ReplicaSet", "mediawiki-main-5d8f7c9b6")).toEqual([
      "ReplicaSet mw-web/mediawiki-main-5d8f7c9b6",
    ]);
    expect(about("Deployment", "mediawiki-main")).toEqual(["Deployment mw-web/mediawiki-main"]);
    expect(about("Job", "backup-2")).toEqual([`Job mw-web/backup-2 ${unknown}`]);
    expect(about("StatefulSet", "other")).toEqual([`StatefulSet mw-web/other ${unknown}`]);
  });
});

describe("what was asked", () => {
  const log: LogQuestion = {
    kind: "log",
    container: { namespace: "mw-web", pod: "a", container: "php" },
    hasEnded: true,
    subject: "pod mw-web/a, container php",
  };
  const told = (evidence: readonly Evidence[]) => evidence.flatMap(renderEvidence);

  it("of a log is told by its last ten lines, each as far as a person reads it", () => {
    const lines = Array.from({ length: 12 }, (_, at) => `\x1b[31mline ${at}\x1b[0m`);
    const { tracker } = track();
    expect(told(tracker.logRead(log, ok([...lines, "x".repeat(400)])))).toEqual([
      "pod mw-web/a, container php: its last lines",
      ...[3, 4, 5, 6, 7, 8, 9, 10, 11].map((at) => `  | line ${at}`),
      `  | ${"x".repeat(299)}…`,
    ]);
    expect(told(tracker.logRead(log, ok([])))).toEqual([]);
  });

  it("and could not be read is told once for each reason, and not where nobody waits for it any more", () => {
    const { tracker } = track();
    const failed = (kind: "throttled" | "slow" | "cancelled") =>
      fail({ kind, message: `it is ${kind}` } as const);
    const answers = (["throttled", "throttled", "slow", "cancelled"] as const).flatMap((kind) =>
      told(tracker.logRead(log, failed(kind))),
    );
    expect(answers).toEqual([
      "the log of pod mw-web/a, container php: could not be read: it is throttled",
      "the log of pod mw-web/a, container php: could not be read: it is slow",
    ]);
  });

  it("and a watch that failed is told once for each namespace and reason", () => {
    const { tracker } = track();
    const kinds = ["forbidden", "forbidden", "cancelled", "slow"] as const;
    const watched = ["mw-web", "mw-api"].flatMap((namespace) =>
      kinds.flatMap((kind) => told(tracker.watchFailed(namespace, { kind, message: `it is ${kind}` }))),
    );
    expect(watched).toEqual(
      ["mw-web", "mw-api"].flatMap((namespace) =>
        ["forbidden", "slow"].map(
          (kind) =>
            `namespace ${namespace}: the cluster cannot be watched: it is ${kind}; what goes wrong may stay unseen`,
        ),
      ),
    );
  });

  describe("of variables", () => {
    const question = (mayConclude: boolean): VariablesQuestion => ({
      ...{ kind: "variables", key: "k", pod: podFacts(), container: containerFacts() },
      ...{ startedAt: 1, mayConclude },
    });
    const lack = (name: string): LackingVariable => ({
      ...{ variable: `${name}_SERVICE_HOST`, service: name.toLowerCase(), where: "ConfigMap c" },
      ...{ isRequired: true, hasService: false, why: "no-service" },
    });
    const origins = {
      namespace: "mw-web",
      provides: ["a", "b"].map((service) => ({
        ...{ namespace: "mw-web", service, release: `mw-web/${service}` },
        ...(service === "a" ? { deployedBy: "deploy a" } : {}),
      })),
      releases: ok([]),
      outcomeOf: () => undefined,
    };

    it("is told with what to do, once, and again when it has become certain", () => {
      const { tracker } = track();
      const read = (mayConclude: boolean) =>
        told(tracker.variablesRead(question(mayConclude), [lack("A"), lack("B")], origins));
      const words = (name: string) =>
        `mw-web/main: reads ${name.toUpperCase()}_SERVICE_HOST (ConfigMap c), and mw-web has no Service ${name}: mw-web/${name} would provide it, and is neither deployed nor part of this rollout`;
      expect(read(false)).toEqual([words("a"), "  to do: deploy a", words("b")]);
      expect(tracker.conclusiveLines).toEqual([]);
      expect(read(false)).toEqual([]);
      const certain = ["a", "b"].flatMap((name) => [
        `${words(name)}; no restart can mend it`,
        ...(name === "a" ? ["  to do: deploy a"] : []),
      ]);
      expect(read(true)).toEqual(certain);
      expect(tracker.conclusiveLines).toEqual(certain);
    });

    it("is told of no more than twenty that decide", () => {
      const { tracker } = track();
      const lacks = Array.from({ length: 25 }, (_, at) => ({ ...lack(`A${at}`), service: "b" }));
      expect(tracker.variablesRead(question(true), lacks, origins)).toHaveLength(20);
      expect(tracker.conclusiveLines).toHaveLength(20);
    });
  });
});

describe("the amount", () => {
  it("is counted for each owner, for each container and for each trouble by itself", () => {
    const { tracker } = track();
    const { release: _, ...ofNobody } = podFacts();
    const see = (name: string, owner: string, container: ContainerFacts) =>
      tracker
        .podSeen(
          { ...ofNobody, name, owner: { kind: "Job", name: owner }, containers: [container] },
          stepBegins,
        )
        .evidence.flatMap(renderEvidence);
    const four = (owner: string, container = crashed()) =>
      ["a", "b", "c", "d"].flatMap((name) => see(`${owner}-${name}-${container.name}`, owner, container))
        .length;
    expect([four("one"), four("two"), four("two", crashed(0, { name: "httpd" }))]).toEqual([3, 3, 3]);
    expect(tracker.end().flatMap(renderEvidence)).toEqual([
      "Job mw-web/one, container php: exits with 78 (Error): 4 pods by now",
      "Job mw-web/two, container php: exits with 78 (Error): 4 pods by now",
      "Job mw-web/two, container httpd: exits with 78 (Error): 4 pods by now",
    ]);
  });

  it("of owners that come and go does not matter: what is kept of them is bounded", () => {
    const { release: _, ...ofNobody } = podFacts();
    const { tracker } = track();
    const lines = Array.from({ length: 600 }, (_one, at) =>
      tracker.podSeen(
        {
          ...ofNobody,
          name: `p${at}`,
          owner: { kind: "Job", name: `j${at}` },
          containers: [crashed()],
        },
        stepBegins,
      ),
    ).flatMap(({ evidence }) => evidence);
    expect(lines).toHaveLength(200);
    expect(tracker.end()).toEqual([]);
  });

  it("of pods that are gone is bounded, and those that are there stay known; so of what keeps pods", () => {
    const pods = new KnownPods(["mw-web/main"]);
    const meet = (name: string, deleted: boolean) =>
      pods.meet(podFacts({ name, deleted, owner: { kind: "Job", name: `of-${name}` } }), stepBegins);
    const releaseOf = (name: string) =>
      pods.releaseOf({ namespace: "mw-web", kind: "Job", name: `of-${name}` });
    meet("there", false);
    for (let at = 0; at < 2_100; at++) meet(`p${at}`, true);
    expect(pods.get("mw-web", "there")?.kind).toBe("new");
    expect(pods.get("mw-web", "p0")).toBeUndefined();
    expect(pods.get("mw-web", "p2099")?.kind).toBe("gone");
    expect([releaseOf("p0"), releaseOf("p2099")]).toEqual([undefined, "mw-web/main"]);
  });

  it("of 500 pods with the same trouble is three in full, and then their number whenever it has doubled", () => {
    const { pod: see, end } = track();
    const told = Array.from({ length: 500 }, (_, at) =>
      see({ name: `p${at}`, containers: [crashed()] }),
    ).flat();
    expect([...told, ...end()]).toEqual([
      ...["p0", "p1", "p2"].map((name) => `pod mw-web/${name}, container php: exits with 78 (Error)`),
      ...[6, 12, 24, 48, 96, 192, 384, 500].map(
        (pods) => `mw-web/main, container php: exits with 78 (Error): ${pods} pods by now`,
      ),
    ]);
  });

  it("is bounded for a step, and says so; what is conclusive is told all the same", () => {
    const { tracker } = track();
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    tracker.podSeen(podFacts(), stepBegins);
    const events = letters.flatMap((one) => letters.map((other) => warning({ reason: `${one}${other}` })));
    const told = events.flatMap((event) => tracker.eventSeen(event));
    expect(told).toHaveLength(200);
    expect(told.at(-1)).toEqual({
      kind: "cannot-look",
      subject: "step mw-web/main",
      message: "more goes wrong than is told: the rest is left out",
    });
    const crash = tracker.podSeen(podFacts({ serviceLinks: false, containers: [crashed(2)] }), stepBegins);
    const question = crash.questions.find((one) => one.kind === "variables");
    if (question?.kind !== "variables") throw new Error("a crash asks for variables");
    const lack = {
      variable: "A_SERVICE_HOST",
      service: "a",
      where: "ConfigMap c",
      isRequired: true,
      hasService: true,
    } as const;
    const evidence = tracker.variablesRead(question, [{ ...lack, why: "no-links" }], {
      namespace: "mw-web",
      provides: [],
      releases: undefined,
      outcomeOf: () => undefined,
    });
    expect(evidence).toMatchObject([{ kind: "missing-variable", conclusive: true }]);
    expect(tracker.conclusiveLines).toEqual([
      "mw-web/main: reads A_SERVICE_HOST (ConfigMap c), and its pod asks for no variables of Services (enableServiceLinks: false); no restart can mend it",
    ]);
  });

  it("of a message is a line without what would move the cursor", () => {
    const { event, pod: see } = track();
    see({});
    const message = `\x1b[31mred\x1b[0m\nnext\r\x07 ${"x".repeat(2000)}`;
    const [line = ""] = event({ message });
    expect(line).toMatch(/^pod \S+: FailedMount: red next +x+…$/);
    expect(line.length).toBeLessThan(600);
  });
});
