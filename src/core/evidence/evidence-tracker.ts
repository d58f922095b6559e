import type { ClusterFailure } from "../cluster/cluster-failure.ts";
import type { EventFacts, PodFacts } from "../cluster/cluster-reader.ts";
import type { Result } from "../common/result.ts";
import type { Step } from "../plan/plan.ts";
import { type Evidence, renderEvidence } from "./evidence.ts";
import { EvidenceBudget, mostKept } from "./evidence-budget.ts";
import {
  type EvidenceQuestion,
  EvidenceQuestions,
  type LogQuestion,
  type VariablesQuestion,
} from "./evidence-questions.ts";
import { type KnownPod, KnownPods } from "./known-pods.ts";
import { judgeLack, type ServiceOrigins } from "./lack-verdict.ts";
import { missingObjectsIn } from "./missing-object.ts";
import type { LackingVariable } from "./missing-variables.ts";
import { groupInWords, withContainer } from "./pod-subject.ts";
import { troublesOf } from "./pod-trouble.ts";
import { TroubleTally } from "./trouble-tally.ts";
import { UnclaimedPodEvents } from "./unclaimed-pod-events.ts";

/** What follows from how a pod is: what is told, and what is to be looked up. */
export interface Inference {
  readonly evidence: readonly Evidence[];
  readonly questions: readonly EvidenceQuestion[];
}

/**
 * What is wrong in the namespaces of one step while it runs, each thing told once: facts in, evidence and questions
 * out. Pods of the step's releases count, and those that do not say whose they are.
 */
export class EvidenceTracker {
  readonly #pods: KnownPods;
  readonly #questions = new EvidenceQuestions();
  readonly #heldEvents = new UnclaimedPodEvents();
  readonly #tally = new TroubleTally();
  readonly #budget: EvidenceBudget;
  /** What was told already, where it is told only once. */
  readonly #told = new Set<string>();
  /** The same for variables, which nothing else may crowd out: they decide how the step ends. */
  readonly #toldVariables = new Set<string>();
  readonly #conclusiveLines: string[] = [];

  constructor(step: Pick<Step, "id" | "releases">) {
    this.#pods = new KnownPods(step.releases);
    this.#budget = new EvidenceBudget(step.id);
  }

  /** Lines of the evidence that no restart can mend. */
  get conclusiveLines(): readonly string[] {
    return this.#conclusiveLines;
  }

  /** `since` is when the step began, on the cluster's clock; undefined where that is not known. */
  podSeen(pod: PodFacts, since: number | undefined): Inference {
    const known = this.#pods.meet(pod, since);
    const held = this.#heldEvents.release(pod.namespace, pod.name);
    if (known.kind === "foreign" || known.kind === "gone") return { evidence: [], questions: [] };
    const owner = groupInWords(pod);
    const name = `${pod.namespace}/${pod.name}`;
    const evidence: Evidence[] = [];
    for (const trouble of troublesOf(pod)) {
      evidence.push(...this.#tally.add(trouble, { owner, pod: name, told: known.told }));
      if (trouble.kind === "waiting" && trouble.detail !== undefined && known.kind === "new")
        evidence.push(
          ...this.#missingObjects(
            trouble.detail,
            pod.namespace,
            withContainer(`pod ${name}`, trouble.container),
          ),
        );
    }
    for (const event of held) evidence.push(...this.#podEvent(event, known));
    const questions = this.#questions.takeCrashes(pod, known, { knowsSince: since !== undefined });
    return { evidence: this.#spend(evidence), questions };
  }

  eventSeen(event: EventFacts): readonly Evidence[] {
    return this.#spend(this.#eventEvidence(event));
  }

  watchFailed(namespace: string, { kind, message }: ClusterFailure): readonly Evidence[] {
    if (kind === "cancelled" || !this.#isNews(`watch ${namespace} ${kind}`)) return [];
    return this.#cannotLook(
      `namespace ${namespace}`,
      `the cluster cannot be watched: ${message}; what goes wrong may stay unseen`,
    );
  }

  logRead({ subject }: LogQuestion, answer: Result<readonly string[], ClusterFailure>): readonly Evidence[] {
    if (!answer.ok) return this.lookupFailed(`the log of ${subject}`, answer.failure);
    if (answer.value.length === 0) return [];
    return this.#spend([{ kind: "log", subject, message: "its last lines", lines: answer.value }]);
  }

  /** What was to be read, and why it was not. It is never taken for missing. */
  lookupFailed(what: string, { kind, message }: ClusterFailure): readonly Evidence[] {
    if (kind === "cancelled" || !this.#isNews(`lookup ${what} ${kind}`)) return [];
    return this.#cannotLook(what, `could not be read: ${message}`);
  }

  /**
   * The variables that a crashed container lacks, and all that is known about where they would come from.
   *
   * One is conclusive, and `--fail-fast` ends the step, where all of this is so:
   *
   * - by the crash (`mayConclude`, of {@link EvidenceQuestions}): the pod is one that the step made, helm waits for the
   *   container, nothing hides what it sets itself, and it has ended by itself in this way before;
   * - by what was read (`mayConclude` again, of whoever asked): none of the ConfigMaps that may set the variable is
   *   missing or unread;
   * - by {@link judgeLack} (`hopeless`): the container reads it without a default, and no release that is known to
   *   provide the Service may still bring it.
   */
  variablesRead(
    { pod, mayConclude }: VariablesQuestion,
    lacking: readonly LackingVariable[],
    origins: ServiceOrigins,
  ): readonly Evidence[] {
    const subject = groupInWords(pod);
    const evidence = lacking.flatMap((lack): Evidence[] => {
      const { message, remedy, hopeless } = judgeLack(lack, origins);
      const isConclusive = hopeless && mayConclude;
      if (!this.#isNews(`${subject} ${message} ${isConclusive}`, this.#toldVariables)) return [];
      return [
        {
          kind: "missing-variable",
          subject,
          // It was told before, as far as it was certain.
          message: isConclusive ? `${message}; no restart can mend it` : message,
          ...(remedy === undefined ? {} : { remedy }),
          ...(isConclusive ? { conclusive: true } : {}),
        },
      ];
    });
    return this.#spend(evidence);
  }

  /** What was not told yet: numbers, and events about pods that nobody told of. */
  end(): readonly Evidence[] {
    const events = this.#heldEvents
      .releaseAll()
      .flatMap((event) => this.#tellEvent(event, { isOurs: false }));
    return this.#spend([...events, ...this.#tally.end()]);
  }

  #eventEvidence(event: EventFacts): Evidence[] {
    const { namespace, kind, name } = event;
    if (kind === "Pod") {
      const pod = this.#pods.get(namespace, name);
      if (pod) return this.#podEvent(event, pod);
      this.#heldEvents.hold(event);
      return [];
    }
    const release = this.#pods.releaseOf(event);
    if (release === undefined) return this.#tellEvent(event, { isOurs: false });
    return this.#pods.isOwn(release) ? this.#tellEvent(event) : [];
  }

  #podEvent(event: EventFacts, pod: KnownPod): Evidence[] {
    // A pod that is replaced complains on its way out; and that a container is held back, its own state says better.
    return pod.kind === "new" && event.reason !== "BackOff" ? this.#tellEvent(event) : [];
  }

  /** `isOurs`: it is about an object of the step's, as far as that is known. */
  #tellEvent({ namespace, kind, name, reason, message }: EventFacts, { isOurs = true } = {}): Evidence[] {
    if (!this.#isNews(`event ${namespace} ${kind} ${reason} ${withoutNames(message, name)}`)) return [];
    const subject = `${kind === "Pod" ? "pod" : kind} ${namespace}/${name}`;
    const event: Evidence = {
      kind: "event",
      subject: isOurs ? subject : `${subject} (it is not known whose it is)`,
      message: `${reason}: ${message}`,
    };
    return [event, ...this.#missingObjects(message, namespace, subject)];
  }

  #missingObjects(message: string, namespace: string, needer: string): Evidence[] {
    return missingObjectsIn(message).flatMap(({ kind, name, key }): Evidence[] => {
      const subject = `${kind} ${namespace}/${name}`;
      if (!this.#isNews(`object ${subject} ${key ?? ""}`)) return [];
      const fault = key === undefined ? "is not there" : `has no key ${key}`;
      return [{ kind: "missing-object", subject, message: `${fault}, and ${needer} needs it` }];
    });
  }

  #cannotLook(subject: string, message: string): Evidence[] {
    return this.#spend([{ kind: "cannot-look", subject, message }]);
  }

  #isNews(key: string, told = this.#told): boolean {
    if (told.has(key) || told.size >= mostKept) return false;
    told.add(key);
    return true;
  }

  #spend(evidence: readonly Evidence[]): Evidence[] {
    const told = evidence.flatMap((one) => this.#budget.spend(one));
    for (const one of told) if (one.conclusive) this.#conclusiveLines.push(...renderEvidence(one));
    return told;
  }
}

/** What messages about objects of one kind have in common: without their names and numbers. */
function withoutNames(message: string, name: string): string {
  return message
    .replaceAll(name, "")
    .replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}\b/g, "")
    .replace(/\d+/g, "#");
}
