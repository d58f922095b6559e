import PQueue from "p-queue";
import type { Evidence } from "../core/evidence/evidence.ts";
import type { EvidenceQuestion } from "../core/evidence/evidence-questions.ts";
import { EvidenceTracker } from "../core/evidence/evidence-tracker.ts";
import type { ServiceOrigins } from "../core/evidence/lack-verdict.ts";
import type { Step } from "../core/plan/plan.ts";
import type { Backend } from "../core/rollout/backend.ts";
import type { BeginPatience } from "./begin-patience.ts";
import { EvidenceLookup } from "./evidence-lookup.ts";
import type { NamespaceWatch } from "./namespace-watch.ts";

/** How many lookups of a step run side by side. */
const lookupsAtOnce = 4;

/** Milliseconds before the same is looked up again: a namespace full of crashing pods would have it without end. */
const pauseBetweenLooks = 1_000;

/** Milliseconds after a step failed: to take what was reported last, and for lookups that are under way. */
const lastReports = 200;
const lastLookups = 1_000;

/** Watches the namespaces of one step while it runs. */
export class StepWatch {
  readonly #tracker: EvidenceTracker;
  readonly #options: StepWatchOptions;
  // Neither signal nor timeout are its own: a lookup ends by the reader's time limit.
  readonly #queue = new PQueue({ concurrency: lookupsAtOnce });
  readonly #ended = new AbortController();
  readonly #leave: (() => void)[] = [];
  /** The variables to look up next, by key; undefined where they are being looked up, and nothing has come since. */
  readonly #nextByKey = new Map<string, (() => Promise<void>) | undefined>();

  constructor(step: Step, options: StepWatchOptions) {
    this.#tracker = new EvidenceTracker(step);
    this.#options = options;
  }

  /** Lines of the evidence that no restart can mend. */
  get conclusiveLines(): readonly string[] {
    return this.#tracker.conclusiveLines;
  }

  /** Watches from now on. Resolves when the step may begin. */
  async begin(watches: readonly NamespaceWatch[]): Promise<void> {
    await Promise.all(watches.map((watch) => this.#listen(watch)));
  }

  /** After the step failed: what was reported last, and what is still being looked up. Not for long. */
  async linger(options: { readonly forReports: boolean; readonly signal: AbortSignal }): Promise<void> {
    const { sleep } = this.#options;
    const limit = new AbortController();
    const stop = () => limit.abort();
    options.signal.addEventListener("abort", stop, { once: true });
    if (options.signal.aborted) stop();
    if (options.forReports) await sleep(lastReports, limit.signal);
    const done = this.#queue.onIdle();
    await Promise.race([done, sleep(lastLookups, limit.signal)]);
    options.signal.removeEventListener("abort", stop);
    stop();
  }

  /** Nothing is told any more. */
  end(): void {
    for (const leave of this.#leave) leave();
    for (const evidence of this.#tracker.end()) this.#options.notice(evidence);
    this.#ended.abort();
    this.#queue.clear();
  }

  async #listen(watch: NamespaceWatch): Promise<void> {
    const { namespace, reader } = watch;
    // What is older than the step is not its doing.
    const since = await this.#options.patience.inTime(
      reader.services(namespace).then(
        (read) => (read.ok ? read.value.now : undefined),
        () => undefined,
      ),
    );
    const { provides, outcomeOf } = this.#options;
    const lookup = new EvidenceLookup(reader, this.#tracker, { namespace, provides, outcomeOf });
    this.#leave.push(
      watch.listen({
        pod: (pod) => {
          const { evidence, questions } = this.#tracker.podSeen(pod, since);
          this.#tell(evidence);
          for (const question of questions) this.#ask(question, lookup);
        },
        event: (event) => this.#tell(this.#tracker.eventSeen(event)),
        failed: (failure) => this.#tell(this.#tracker.watchFailed(namespace, failure)),
      }),
    );
  }

  #tell(evidence: readonly Evidence[]): void {
    if (this.#ended.signal.aborted) return;
    for (const one of evidence) this.#options.notice(one);
    if (evidence.some(({ conclusive }) => conclusive)) this.#options.onConclusive();
  }

  #ask(question: EvidenceQuestion, lookup: EvidenceLookup): void {
    if (this.#ended.signal.aborted) return;
    if (question.kind === "log") {
      void this.#look(() => lookup.log(question));
      return;
    }
    const { key } = question;
    const isBusy = this.#nextByKey.has(key);
    this.#nextByKey.set(key, () => this.#look(() => lookup.variables(question)));
    if (!isBusy) void this.#lookByTurns(key);
  }

  /** One look after the other for what has the same answer; of those that wait, the newest. */
  async #lookByTurns(key: string): Promise<void> {
    for (let look = this.#nextByKey.get(key); look; look = this.#nextByKey.get(key)) {
      this.#nextByKey.set(key, undefined);
      await look();
      await this.#options.sleep(pauseBetweenLooks, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
    }
    this.#nextByKey.delete(key);
  }

  async #look(read: () => Promise<readonly Evidence[]>): Promise<void> {
    await this.#queue.add(async () => {
      try {
        this.#tell(await read());
      } catch (error) {
        // Whatever is wrong with looking, it must not end the rollout.
        const failure = { kind: "malformed", message: String(error) } as const;
        this.#tell(this.#tracker.lookupFailed("the cluster", failure));
      }
    });
  }
}

export interface StepWatchOptions extends Pick<ServiceOrigins, "provides" | "outcomeOf"> {
  readonly sleep: Backend["sleep"];
  /** Shared by the steps of a rollout. */
  readonly patience: BeginPatience;
  readonly notice: (evidence: Evidence) => void;
  /** There is evidence that the step cannot succeed. */
  readonly onConclusive: () => void;
}
