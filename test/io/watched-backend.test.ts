import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ContainerFacts, ServiceFacts } from "../../src/core/cluster/cluster-reader.ts";
import { fail, ok } from "../../src/core/common/result.ts";
import { type Evidence, renderEvidence } from "../../src/core/evidence/evidence.ts";
import type { Plan, Step } from "../../src/core/plan/plan.ts";
import type { Backend, BackendResult } from "../../src/core/rollout/backend.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { watchedBackend } from "../../src/io/watched-backend.ts";
import { exitOne, ObedientBackend } from "../support/obedient-backend.ts";
import { plan, step } from "../support/plan.ts";
import {
  containerFacts,
  crashed,
  podFacts,
  stepBegins,
  throttled,
  WatchedCluster,
} from "../support/watched-cluster.ts";

/** Ends a step that is asked to stop as helmfile does; time passes only when nothing else is to be done. */
class StoppableBackend implements Backend {
  readonly signals = new Map<string, AbortSignal>();
  readonly steps = new ObedientBackend();
  run: Backend["run"] = (one, context) => {
    this.signals.set(one.id, context.signal);
    const result = this.steps.run(one, context);
    const stop = () => this.steps.fail(one.id, { kind: "signal", signal: "SIGINT", lastLines: [] });
    context.signal.addEventListener("abort", stop, { once: true });
    return result;
  };
  runCommand = this.steps.runCommand;
  now = this.steps.now;
  /** How long something wanted to sleep, in milliseconds. */
  readonly slept: number[] = [];
  sleep: Backend["sleep"] = (ms) => {
    this.slept.push(ms);
    return new Promise((resolve) => setImmediate(resolve));
  };
}

const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";
const service: ServiceFacts = { name: "statsd-exporter-prometheus", clusterIp: "10.0.0.1", createdAt: 0 };
const main = step("mw-web/main", [], { releases: ["mw-web/main"] });
const remedy = "charlie-mediawiki apply --support-only -e eqiad -s mw-web";
const reads = `mw-web/main: reads ${variable} (ConfigMap main-php-envvars), and mw-web has no Service ${service.name}`;
const nobodyDeploysIt = `${reads}: mw-web/prometheus would provide it, and is neither deployed nor part of this rollout`;
const toDo = `  to do: ${remedy}`;
const hopeless = [`${nobodyDeploysIt}; no restart can mend it`, toDo];

function providedBy(overrides: { step?: string } = {}): Plan {
  const provided = { namespace: "mw-web", service: service.name, release: "mw-web/prometheus" };
  return { ...plan([main]), provides: [{ ...provided, deployedBy: remedy, ...overrides }] };
}

/** T397685: php-fpm crashes and does not say which variable it missed. */
function phpCrash(restarts = 0, overrides: Partial<ContainerFacts> = {}) {
  const configMaps = ["main-php-envvars"];
  return podFacts({ containers: [crashed(restarts, { configMaps, ...overrides })] });
}

function rig(options: { plan?: Plan; failFast?: boolean } = {}) {
  const cluster = new WatchedCluster();
  cluster.configMaps.set("main-php-envvars", ok({ "envvars.inc": `env['${variable}'] = \${${variable}}` }));
  cluster.logs.set("php", ok(["ERROR: FPM initialization failed"]));
  const backend = new StoppableBackend();
  const outcomes = new Map<string, StepOutcome["kind"]>();
  const interrupt = new AbortController();
  const evidence: Evidence[] = [];
  const listeners = new Set<() => void>();
  const watched = watchedBackend(backend, {
    plan: options.plan ?? providedBy(),
    clusterOf: () => cluster,
    outcomeOf: (id) => outcomes.get(id),
    failFast: options.failFast ?? true,
  });
  const lines = () => evidence.flatMap(renderEvidence);
  return {
    cluster,
    backend,
    outcomes,
    evidence,
    lines,
    interrupt,
    start: async (which: Step = main): Promise<{ result: Promise<BackendResult> }> => {
      backend.signals.delete(which.id);
      const result = watched.run(which, {
        signal: interrupt.signal,
        output: () => undefined,
        notice: (one) => {
          evidence.push(one);
          for (const listener of listeners) listener();
        },
      });
      while (!backend.signals.has(which.id)) await new Promise((resolve) => setImmediate(resolve));
      return { result };
    },
    /** Resolves once a line was told that has this in it. */
    tells: async (text: string) => {
      while (!lines().some((line) => line.includes(text))) {
        await new Promise<void>((resolve) => {
          const once = () => {
            listeners.delete(once);
            resolve();
          };
          listeners.add(once);
        });
      }
    },
  };
}

describe("a container that crashes for want of a variable that nobody will provide", () => {
  it("is told at its first crash, and its second one ends the step with what is missing and how to mend it", async () => {
    const { cluster, start, tells, lines, backend } = rig();
    const { result } = await start();
    cluster.pod(phpCrash());
    await tells(toDo);
    expect(backend.signals.get(main.id)?.aborted).toBe(false);
    cluster.pod(phpCrash(1));
    expect(await result).toEqual({
      ok: false,
      failure: { kind: "signal", signal: "SIGINT", lastLines: [], evidence: hopeless },
    });
    expect(backend.signals.get(main.id)?.aborted).toBe(true);
    expect(lines()).toEqual([
      "pod mw-web/mediawiki-main-5d8f7c9b6-x2kqp, container php: exits with 78 (Error)",
      "pod mw-web/mediawiki-main-5d8f7c9b6-x2kqp, container php: its last lines",
      "  | ERROR: FPM initialization failed",
      nobodyDeploysIt,
      toDo,
      ...hopeless,
    ]);
  });

  it("explains the failure also where nothing is ended early", async () => {
    const { cluster, start, tells, backend } = rig({ failFast: false });
    const { result } = await start();
    cluster.pod(phpCrash(2));
    await tells("no restart can mend it");
    expect(backend.signals.get(main.id)?.aborted).toBe(false);
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: { ...exitOne, evidence: hopeless } });
  });

  it("leaves a step that succeeded nevertheless succeeded", async () => {
    const { cluster, start, tells, backend } = rig({ failFast: false });
    const { result } = await start();
    cluster.pod(phpCrash(2));
    await tells("no restart can mend it");
    backend.steps.succeed(main.id);
    expect(await result).toEqual({ ok: true });
  });
});

describe("a variable that may yet come", () => {
  it("ends the step only when the step that would bring it has failed, with the next crash", async () => {
    const { cluster, start, tells, outcomes, lines, backend } = rig({
      plan: providedBy({ step: "mw-web/prometheus" }),
    });
    const { result } = await start();
    cluster.pod(phpCrash());
    await tells("still to come in this rollout");
    expect(backend.signals.get(main.id)?.aborted).toBe(false);
    outcomes.set("mw-web/prometheus", "failed");
    cluster.pod(phpCrash(1));
    const failed = `${reads}: mw-web/prometheus would provide it, and is not deployed: its step mw-web/prometheus failed; no restart can mend it`;
    expect(await result).toMatchObject({ failure: { evidence: [failed, `  to do: ${remedy}`] } });
    expect(lines()).toContain(failed);
    expect(cluster.asked.filter((one) => one.startsWith("configMap"))).toHaveLength(1);
  });

  it.each([
    [
      "its Service is younger than the container",
      ok([{ ...service, createdAt: stepBegins + 31_000 }]),
      [],
      "too late",
    ],
    ["its release is being installed", ok([]), ["pending-install"], "is pending-install"],
  ])("is told and ends nothing: %s", async (_, services, statuses, says) => {
    const { cluster, start, tells, backend } = rig();
    cluster.releaseAnswer = ok(
      statuses.map((status) => ({ namespace: "mw-web", name: "prometheus", status, revision: 1 })),
    );
    const { result } = await start();
    cluster.serviceAnswer = services;
    cluster.pod(phpCrash(2));
    await tells(says);
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: exitOne });
  });

  it("is told and ends nothing where only an init container misses it", async () => {
    const { cluster, start, tells, backend } = rig();
    const { result } = await start();
    cluster.pod(phpCrash(2, { init: true }));
    await tells("neither deployed");
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: exitOne });
  });

  const env = { configMaps: ["main-php-envvars", "env"], envFromConfigMaps: [{ name: "env", prefix: "" }] };

  it("is none where a ConfigMap of the container's environment sets it", async () => {
    const { cluster, start, tells, backend, evidence } = rig();
    cluster.configMaps.set("env", ok({ [variable]: "10.0.0.1", OTHER: "$A_SERVICE_HOST" }));
    const { result } = await start();
    cluster.pod(phpCrash(2, env));
    await tells("reads A_SERVICE_HOST (ConfigMap env)");
    expect(evidence.filter(({ kind }) => kind === "missing-variable")).toHaveLength(1);
    backend.steps.succeed(main.id);
    await result;
  });

  it.each([
    ["could not be read", fail(throttled)],
    ["is not there", undefined],
  ])("is told and ends nothing where such a ConfigMap %s", async (_, answer) => {
    const { cluster, start, tells, backend } = rig();
    if (answer) cluster.configMaps.set("env", answer);
    const { result } = await start();
    cluster.pod(phpCrash(2, env));
    await tells("neither deployed");
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: exitOne });
  });

  it("is told and ends nothing where it has a default", async () => {
    const { cluster, start, tells, backend } = rig();
    cluster.configMaps.set("main-php-envvars", ok({ sh: `exec php --statsd=\${${variable}:-localhost}` }));
    const { result } = await start();
    cluster.pod(phpCrash(2));
    await tells("(ConfigMap main-php-envvars, with a default), and mw-web has no Service");
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: exitOne });
  });

  it("is looked for in the ConfigMap as helm has changed it, once there is a newer pod", async () => {
    const { cluster, start, tells } = rig();
    const changed = cluster.configMaps.get("main-php-envvars") ?? ok({});
    cluster.configMaps.set("main-php-envvars", ok({ old: "$OLD_SERVICE_HOST" }));
    const { result } = await start();
    const state = { kind: "waiting", reason: "CrashLoopBackOff" } as const;
    const lastEnd = { kind: "ended", exitCode: 78, reason: "Error", startedAt: stepBegins } as const;
    const [before] = phpCrash(5, { state, lastEnd }).containers;
    if (!before) throw new Error("a pod has a container");
    // The operator runs the rollout again, whose pods crash-loop already.
    cluster.pod(podFacts({ name: "before", createdAt: stepBegins - 60_000, containers: [before] }));
    await tells("reads OLD_SERVICE_HOST");
    cluster.configMaps.set("main-php-envvars", changed);
    cluster.pod(phpCrash(2));
    expect(await result).toMatchObject({ failure: { evidence: hopeless } });
  });

  it("is not taken for missing where the Services cannot be read", async () => {
    const { cluster, start, tells, backend, evidence } = rig();
    const { result } = await start();
    cluster.serviceAnswer = fail(throttled);
    cluster.pod(phpCrash());
    await tells("the Services of mw-web: could not be read: GET /api/v1: 429");
    expect(evidence.map(({ kind }) => kind)).not.toContain("missing-variable");
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: exitOne });
  });
});

describe("the log of a crash", () => {
  it("is that of the run before where the container runs again", async () => {
    const { cluster, start, tells, backend } = rig();
    cluster.logs.set("php previous", ok(["it was this"]));
    const { result } = await start();
    const lastEnd = { kind: "ended", exitCode: 1, reason: "Error", startedAt: stepBegins } as const;
    cluster.pod(podFacts({ containers: [containerFacts({ lastEnd, restarts: 1 })] }));
    await tells("  | it was this");
    expect(cluster.asked).toEqual(["services", "log php previous"]);
    backend.steps.succeed(main.id);
    await result;
  });

  it("that does not come does not hold the step's end", async () => {
    const { cluster, start, backend } = rig();
    cluster.hangs = true;
    const { result } = await start();
    cluster.pod(podFacts({ containers: [crashed()] }));
    backend.steps.fail(main.id);
    expect(await result).toEqual({ ok: false, failure: exitOne });
  });
});

describe("the watch", () => {
  it("is shared by the steps of a namespace, and each sees its own pods, also those from before it", async () => {
    const canary = step("mw-web/canary", [], { releases: ["mw-web/canary"] });
    const { cluster, start, evidence, backend } = rig({ plan: plan([main, canary]) });
    const first = await start(main);
    cluster.pod(podFacts({ name: "c", release: "canary", containers: [crashed()] }));
    expect(evidence).toEqual([]);
    const second = await start(canary);
    expect(evidence.filter(({ kind }) => kind === "crashed")).toMatchObject([
      { subject: "pod mw-web/c, container php" },
    ]);
    expect(cluster.watches).toHaveLength(1);
    backend.steps.succeed(main.id);
    await first.result;
    expect(cluster.watches[0]?.aborted).toBe(false);
    backend.steps.succeed(canary.id);
    await second.result;
    expect(cluster.watches[0]?.aborted).toBe(true);
  });

  it("ends with the step: nothing is told after it, and nothing listens any more", async () => {
    const { cluster, start, evidence, backend, interrupt } = rig();
    for (const end of ["succeed", "fail"] as const) {
      const { result } = await start();
      expect(getEventListeners(interrupt.signal, "abort")).toHaveLength(1);
      backend.steps[end](main.id);
      await result;
      expect(getEventListeners(interrupt.signal, "abort")).toHaveLength(0);
    }
    expect(cluster.watches.map(({ aborted }) => aborted)).toEqual([true, true]);
    cluster.pod(phpCrash());
    cluster.fail(throttled);
    expect(evidence).toEqual([]);
  });

  it("that fails is told once, and what goes wrong may stay unseen", async () => {
    const { cluster, start, lines, backend } = rig();
    const { result } = await start();
    cluster.fail(throttled);
    cluster.fail(throttled);
    cluster.fail({ kind: "forbidden", message: "may not list pods" });
    expect(lines()).toEqual([
      "namespace mw-web: the cluster cannot be watched: GET /api/v1: 429; what goes wrong may stay unseen",
      "namespace mw-web: the cluster cannot be watched: may not list pods; what goes wrong may stay unseen",
    ]);
    backend.steps.succeed(main.id);
    await result;
  });

  describe("holds a step up for five seconds where the cluster hangs, and the later ones hardly", () => {
    /** The cluster hangs until it is told to answer; `begin` gives how long a step waited for it. */
    async function hanging() {
      const { cluster, start, backend } = rig();
      let answer = () => {};
      cluster.servicesWait = new Promise((resolve) => {
        answer = resolve;
      });
      const begin = async () => {
        backend.slept.length = 0;
        const { result } = await start();
        backend.steps.succeed(main.id);
        await result;
        return backend.slept[0];
      };
      expect([await begin(), await begin(), await begin()]).toEqual([5_000, 200, 200]);
      const settle = async () => {
        answer();
        await new Promise((resolve) => setImmediate(resolve));
      };
      return { begin, settle, backend };
    }

    it("until an answer comes that would have been in time for the first", async () => {
      const { begin, settle } = await hanging();
      await settle();
      expect([await begin(), await begin()]).toEqual([5_000, 5_000]);
    });

    it("also where its answers come after that, until a step has one in time", async () => {
      const { begin, settle, backend } = await hanging();
      await backend.steps.sleep(5_001, new AbortController().signal);
      await settle();
      expect([await begin(), await begin()]).toEqual([200, 5_000]);
    });
  });

  it("does not stand between the operator's interruption and the step", async () => {
    const { start, interrupt } = rig();
    const { result } = await start();
    interrupt.abort();
    expect(await result).toMatchObject({ ok: false, failure: { kind: "signal" } });
  });

  it("is left out where nobody knows the namespace", async () => {
    const { cluster, start, backend } = rig();
    const { result } = await start(step("x", [], { releases: ["/x"] }));
    backend.steps.succeed("x");
    await result;
    expect([cluster.watches, cluster.asked]).toEqual([[], []]);
  });
});
