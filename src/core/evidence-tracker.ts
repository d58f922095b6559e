import type { ClusterFailure } from "./cluster-failure.ts";
import type { ContainerName, EventFacts, PodFacts } from "./cluster-reader.ts";
import { type Evidence, renderEvidence } from "./evidence.ts";
import { EvidenceBudget } from "./evidence-budget.ts";
import { type KnownPod, KnownPods } from "./known-pods.ts";
import { judgeLack, type Providers } from "./lack-verdict.ts";
import { missingObjectsIn } from "./missing-object.ts";
import type { LackingVariable } from "./missing-variables.ts";
import type { Step } from "./plan.ts";
import { type Crash, crashOf, troublesOf } from "./pod-trouble.ts";
import type { Result } from "./result.ts";
import { TroubleTally } from "./trouble-tally.ts";

/** What is to be looked up after a container crashed. */
export type EvidenceQuestion = LogQuestion | VariablesQuestion;

/** What did it say last? */
export interface LogQuestion {
  readonly kind: "log";
  readonly container: ContainerName;
  /** It has ended, and has not begun anew. */
  readonly hasEnded: boolean;
  /** What the lines are about. */
  readonly subject: string;
}

/** Which variables of Services does it read that it did not get? */
export interface VariablesQuestion {
  readonly kind: "variables";
  /** The same for all pods whose answer is the same. */
  readonly key: string;
  readonly pod: PodFacts;
  readonly container: PodFacts["containers"][number];
  /** When it had started the last time. */
  readonly startedAt: number | undefined;
  /** Whether the step cannot succeed without it. */
  readonly mayConclude: boolean;
}

/** What a fact about the cluster leads to. */
export interface Observation {
  readonly evidence: readonly Evidence[];
  readonly questions: readonly EvidenceQuestion[];
}

/** How much of what was told is kept, however long the step takes. */
const mostKept = 2_000;

/** A log of the same crash is told again after so many restarts. */
const restartsToNextLog = 5;

const nothing: Observation = { evidence: [], questions: [] };

/**
 * What is wrong in the namespaces of one step while it runs, each thing told once: facts in, evidence and questions
 * out. Pods of the step's releases count, and those that do not say whose they are.
 */
export class EvidenceTracker {
  readonly #pods: KnownPods;
  readonly #tally = new TroubleTally();
  readonly #budget: EvidenceBudget;
  /** What was told already, where it is told only once. */
  readonly #told = new Set<string>();
  /** The same for variables, which nothing else may crowd out: they decide how the step ends. */
  readonly #toldVariables = new Set<string>();
  /** At how many restarts a log was asked for, by release, container and exit code. */
  readonly #logs = new Map<string, number>();
  readonly #conclusive: string[] = [];

  constructor(step: Pick<Step, "id" | "releases">) {
    this.#pods = new KnownPods(step.releases);
    this.#budget = new EvidenceBudget(step.id);
  }

  /** Lines of the evidence that no restart can mend. */
  get conclusive(): readonly string[] {
    return this.#conclusive;
  }

  /** `since` is when the step began, on the cluster's clock; undefined where that is not known. */
  pod(pod: PodFacts, since: number | undefined): Observation {
    const known = this.#pods.meet(pod, since);
    if (known.kind === "foreign" || known.kind === "gone") return nothing;
    const owner = ownerOf(pod);
    const name = `${pod.namespace}/${pod.name}`;
    const evidence: Evidence[] = [];
    for (const trouble of troublesOf(pod)) {
      evidence.push(...this.#tally.add(trouble, { owner, pod: name, told: known.told }));
      if (trouble.kind === "waiting" && trouble.detail !== undefined && known.kind === "new")
        evidence.push(
          ...this.#missingObjects(trouble.detail, pod.namespace, needing(name, trouble.container)),
        );
    }
    const questions = this.#crashes(pod, known, since !== undefined);
    return { evidence: this.#spend(evidence), questions };
  }

  event({ namespace, kind, name, reason, message }: EventFacts): Observation {
    const pod = kind === "Pod" ? this.#pods.get(namespace, name) : undefined;
    // A pod that is replaced complains on its way out; and that a container is held back, its own state says better.
    if (pod && (pod.kind !== "new" || reason === "BackOff")) return nothing;
    if (!this.#isNews(`event ${namespace} ${kind} ${reason} ${withoutNames(message, name)}`)) return nothing;
    const subject = `${kind === "Pod" ? "pod" : kind} ${namespace}/${name}`;
    const event: Evidence = { kind: "event", subject, message: `${reason}: ${message}` };
    return {
      evidence: this.#spend([event, ...this.#missingObjects(message, namespace, subject)]),
      questions: [],
    };
  }

  watchFailed(namespace: string, { kind, message }: ClusterFailure): Observation {
    if (kind === "cancelled" || !this.#isNews(`watch ${namespace} ${kind}`)) return nothing;
    return this.#cannotLook(
      `namespace ${namespace}`,
      `the cluster cannot be watched: ${message}; what goes wrong may stay unseen`,
    );
  }

  log({ subject }: LogQuestion, answer: Result<readonly string[], ClusterFailure>): Observation {
    if (!answer.ok) return this.lookupFailed(`the log of ${subject}`, answer.failure);
    if (answer.value.length === 0) return nothing;
    const evidence: Evidence = { kind: "log", subject, message: "its last lines", lines: answer.value };
    return { evidence: this.#spend([evidence]), questions: [] };
  }

  /** What was to be read, and why it was not. It is never taken for missing. */
  lookupFailed(what: string, { kind, message }: ClusterFailure): Observation {
    if (kind === "cancelled" || !this.#isNews(`lookup ${what} ${kind}`)) return nothing;
    return this.#cannotLook(what, `could not be read: ${message}`);
  }

  /** The variables that a crashed container lacks, and all that is known about where they would come from. */
  variables(
    { pod, mayConclude }: VariablesQuestion,
    lacking: readonly LackingVariable[],
    providers: Providers,
  ): Observation {
    const subject = ownerOf(pod);
    const evidence = lacking.flatMap((lack): Evidence[] => {
      const { message, remedy, hopeless } = judgeLack(lack, providers);
      const isConclusive = hopeless && mayConclude;
      if (!this.#isNews(`${subject} ${message} ${isConclusive}`, this.#toldVariables)) return [];
      return [
        {
          kind: "missing-variable",
          subject,
          message,
          ...(remedy === undefined ? {} : { remedy }),
          ...(isConclusive ? { conclusive: true } : {}),
        },
      ];
    });
    return { evidence: this.#spend(evidence), questions: [] };
  }

  /** The numbers that were not told yet. */
  end(): readonly Evidence[] {
    return this.#spend(this.#tally.end());
  }

  #crashes(pod: PodFacts, known: KnownPod, knowsSince: boolean): EvidenceQuestion[] {
    return pod.containers.flatMap((container): EvidenceQuestion[] => {
      const crash = crashOf(container);
      if (!crash || known.crashes.get(container.name) === crash.id) return [];
      known.crashes.set(container.name, crash.id);
      const log = this.#logQuestion(pod, container, crash);
      if (known.kind !== "new" || crash.exitCode === 0 || crash.reason === "OOMKilled") return log;
      const isOwn = pod.release !== undefined;
      return [
        ...log,
        {
          kind: "variables",
          key: `${ownerOf(pod)} ${container.name}`,
          pod,
          container,
          startedAt: crash.startedAt,
          mayConclude: knowsSince && isOwn && !container.init,
        },
      ];
    });
  }

  #logQuestion(pod: PodFacts, container: PodFacts["containers"][number], crash: Crash): LogQuestion[] {
    const key = `${ownerOf(pod)} ${container.name} ${crash.exitCode}`;
    const before = this.#logs.get(key);
    if (before !== undefined && crash.restarts < before + restartsToNextLog) return [];
    if (before === undefined && this.#logs.size >= mostKept) return [];
    this.#logs.set(key, crash.restarts);
    const { namespace, name } = pod;
    return [
      {
        kind: "log",
        container: { namespace, pod: name, container: container.name },
        hasEnded: container.state.kind === "ended",
        subject: needing(`${namespace}/${name}`, container.name),
      },
    ];
  }

  #missingObjects(message: string, namespace: string, needer: string): Evidence[] {
    return missingObjectsIn(message).flatMap(({ kind, name, key }): Evidence[] => {
      const subject = `${kind} ${namespace}/${name}`;
      if (!this.#isNews(`object ${subject} ${key ?? ""}`)) return [];
      const fault = key === undefined ? "is not there" : `has no key ${key}`;
      return [{ kind: "missing-object", subject, message: `${fault}, and ${needer} needs it` }];
    });
  }

  #cannotLook(subject: string, message: string): Observation {
    return { evidence: this.#spend([{ kind: "cannot-look", subject, message }]), questions: [] };
  }

  #isNews(key: string, told = this.#told): boolean {
    if (told.has(key) || told.size >= mostKept) return false;
    told.add(key);
    return true;
  }

  #spend(evidence: readonly Evidence[]): Evidence[] {
    const told = evidence.flatMap((one) => this.#budget.spend(one));
    for (const one of told) if (one.conclusive) this.#conclusive.push(...renderEvidence(one));
    return told;
  }
}

/** Whose pod it is, as far as is known. */
function ownerOf({ namespace, release, owner }: PodFacts): string {
  if (release !== undefined) return `${namespace}/${release}`;
  return owner ? `${owner.kind} ${namespace}/${owner.name}` : `namespace ${namespace}`;
}

function needing(pod: string, container: string | undefined): string {
  return container === undefined ? `pod ${pod}` : `pod ${pod}, container ${container}`;
}

/** What messages about objects of one kind have in common: without their names and numbers. */
function withoutNames(message: string, name: string): string {
  return message
    .replaceAll(name, "")
    .replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}\b/g, "")
    .replace(/\d+/g, "#");
}
