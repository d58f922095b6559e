import type { ContainerName, PodFacts } from "../cluster/cluster-reader.ts";
import { mostKept } from "./evidence-budget.ts";
import type { KnownPod, SeenCrash } from "./known-pods.ts";
import { groupInWords, withContainer } from "./pod-subject.ts";
import { type Crash, crashOf } from "./pod-trouble.ts";

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
  /** Whether what it lacks may be conclusive: `EvidenceTracker.variablesRead` says when it is. */
  readonly mayConclude: boolean;
}

/** A log of the same crash is told again after so many restarts. */
const restartsToNextLog = 5;

/** From here on exit codes say by which signal a process was ended, mostly kubelet's: liveness, a drained node. */
const firstSignalCode = 128;

/** What is asked when containers crash: each crash once. */
export class EvidenceQuestions {
  /** At how many restarts a log was asked for, by release, container and exit code. */
  readonly #logs = new Map<string, number>();

  /**
   * The questions about crashes of a pod that were not known so far, and keeps them in `known`. `knowsSince`: it is known
   * when the step began, so that a new pod is one that it made.
   */
  takeCrashes(
    pod: PodFacts,
    known: KnownPod,
    { knowsSince }: { readonly knowsSince: boolean },
  ): EvidenceQuestion[] {
    return pod.containers.flatMap((container): EvidenceQuestion[] => {
      const crash = crashOf(container);
      if (!crash) return [];
      const seen = known.crashes.get(container.name);
      // That an old pod crash-loops is no news, but the step may wait for it all the same.
      const isLooping = known.looping.delete(container.name);
      if (seen?.id === crash.id) return isLooping ? variablesQuestion(pod, container, { known, crash }) : [];
      const mayConclude =
        knowsSince && known.kind === "new" && isAwaitedAndKnown(pod, container) && isPersistent(crash, seen);
      const exitCodes = new Set([...(seen?.exitCodes ?? []), crash.exitCode]);
      known.crashes.set(container.name, { id: crash.id, exitCodes });
      return [
        ...this.#logQuestion(pod, container, crash),
        ...variablesQuestion(pod, container, { known, crash, mayConclude }),
      ];
    });
  }

  #logQuestion(pod: PodFacts, container: PodFacts["containers"][number], crash: Crash): LogQuestion[] {
    const key = `${groupInWords(pod)} ${container.name} ${crash.exitCode}`;
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
        subject: withContainer(`pod ${namespace}/${name}`, container.name),
      },
    ];
  }
}

function variablesQuestion(
  pod: PodFacts,
  container: PodFacts["containers"][number],
  options: { readonly known: KnownPod; readonly crash: Crash; readonly mayConclude?: boolean },
): VariablesQuestion[] {
  const { known, crash, mayConclude = false } = options;
  if (crash.exitCode === 0 || crash.reason === "OOMKilled") return [];
  // An old pod may mention what a new one does not, and of two questions with one key the newer one is asked.
  const key = `${groupInWords(pod)} ${container.name} ${known.kind} ${mayConclude}`;
  return [{ kind: "variables", key, pod, container, startedAt: crash.startedAt, mayConclude }];
}

/** Helm waits for main containers of the step's releases; the variables of this one can all be known. */
function isAwaitedAndKnown(pod: PodFacts, container: PodFacts["containers"][number]): boolean {
  return pod.release !== undefined && !container.init && !container.hasSecretEnvironment;
}

/** It ended by itself and not for the first time in this way; where that was not seen, its restarts tell. */
function isPersistent({ exitCode, restarts }: Crash, seen: SeenCrash | undefined): boolean {
  if (exitCode <= 0 || exitCode >= firstSignalCode) return false;
  return seen ? seen.exitCodes.has(exitCode) : restarts >= 2;
}
