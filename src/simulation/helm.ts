import type { Release, ReleaseId } from "../core/common/release.ts";
import { type ClusterModel, modelOf, type ReleaseModel } from "./chart-model.ts";
import type { CrashLog } from "./crash-log.ts";
import { draw, type Range } from "./draw.ts";
import type { Faults } from "./fault.ts";
import { Interruption, pause } from "./interruption.ts";
import { createWorkload, type Workload, type WorkloadPlace } from "./workload.ts";

/** As helm's own records have it; `absent` where there is none. */
export type ReleaseStatus = "absent" | "pending-install" | "deployed" | "failed";

/** How helm's work on one release ended. */
export type HelmOutcome =
  | { readonly kind: "deployed"; readonly durationMs: number }
  /** It was deployed before, and nothing about it differs. */
  | { readonly kind: "unchanged"; readonly durationMs: number }
  /** `message` is what helm prints after `Error: `. */
  | { readonly kind: "failed"; readonly durationMs: number; readonly message: string }
  /** It was asked to stop, and has cleaned up behind itself. */
  | { readonly kind: "stopped"; readonly durationMs: number; readonly message: string }
  /** It was killed, and left everything as it was. */
  | { readonly kind: "killed"; readonly durationMs: number };

/** A release of the cluster, as far as anything was done with it. */
interface HelmRecord {
  status: ReleaseStatus;
  /** How often it was installed. */
  attempts: number;
  workload: Workload | undefined;
}

export interface HelmOptions {
  readonly place: WorkloadPlace;
  readonly model: ClusterModel;
  readonly seed: string;
  readonly faults: Faults;
  readonly crashes: CrashLog;
}

export interface Helm {
  readonly records: ReadonlyMap<ReleaseId, HelmRecord>;
  /** `helm upgrade --install`, with `--wait` and `--atomic` where the model says so. */
  upgrade(release: Release, interruption: Interruption): Promise<HelmOutcome>;
  uninstall(release: Release): Promise<void>;
}

/** Looking for differences, an upgrade without one, and the removal of a release. */
const lookMs: Range = [500, 1500];
const removeMs: Range = [1000, 3000];

export function simulatedHelm(options: HelmOptions): Helm {
  const records = new Map<ReleaseId, HelmRecord>();
  return {
    records,
    upgrade: async (release, interruption) => {
      const { clock } = options.place;
      const began = clock.now();
      const record = records.get(release.id) ?? { status: "absent", attempts: 0, workload: undefined };
      records.set(release.id, record);
      const outcome = await new HelmRun(options, release, record, interruption).upgrade();
      return { ...outcome, durationMs: clock.now() - began };
    },
    uninstall: async (release) => {
      const record = records.get(release.id);
      if (record === undefined || record.status === "absent") return;
      await new HelmRun(options, release, record, new Interruption()).remove("absent");
    },
  };
}

type Untimed<Outcome> = Outcome extends HelmOutcome ? Omit<Outcome, "durationMs"> : never;
type Ending = Untimed<HelmOutcome>;

/** One process of helm. */
class HelmRun {
  readonly #options: HelmOptions;
  readonly #release: Release;
  readonly #record: HelmRecord;
  readonly #interruption: Interruption;
  readonly #model: ReleaseModel;

  constructor(options: HelmOptions, release: Release, record: HelmRecord, interruption: Interruption) {
    this.#options = options;
    this.#release = release;
    this.#record = record;
    this.#interruption = interruption;
    this.#model = modelOf(options.model, release);
  }

  async upgrade(): Promise<Ending> {
    switch (this.#record.status) {
      case "deployed":
        await this.#pause(lookMs, "look");
        return this.#interruption.cause !== undefined
          ? this.#stopped("context canceled")
          : { kind: "unchanged" };
      case "pending-install":
        await this.#pause(lookMs, "look");
        return {
          kind: "failed",
          message: "UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
        };
      case "failed":
      case "absent":
        return await this.#install();
    }
  }

  async #install(): Promise<Ending> {
    const record = this.#record;
    record.status = "pending-install";
    record.attempts += 1;
    const fault = this.#options.faults.take(this.#release.id);
    await this.#pause(this.#model.helmMs, "helm");
    if (fault?.kind === "hang") await this.#untilInterrupted();
    if (this.#interruption.cause !== undefined) return await this.#interrupted();
    if (fault?.kind === "fail") return this.#failedAtOnce(fault.message);
    record.workload ??= this.#createWorkload();
    const waited = await this.#untilReady(record.workload);
    switch (waited) {
      case "ready":
        record.status = "deployed";
        return { kind: "deployed" };
      case "timeout":
        return { kind: "failed", message: await this.#cleanUp("context deadline exceeded") };
      case "interrupted":
        return await this.#interrupted();
    }
  }

  /** What it fails by was seen before any object was handed over, so there is nothing to remove. */
  #failedAtOnce(message: string): Ending {
    this.#record.status = this.#model.atomic ? "absent" : "failed";
    return { kind: "failed", message };
  }

  async #interrupted(): Promise<Ending> {
    if (this.#interruption.cause === "killed") return { kind: "killed" };
    return this.#stopped(await this.#cleanUp("context canceled"));
  }

  #stopped(message: string): Ending {
    return this.#interruption.cause === "killed" ? { kind: "killed" } : { kind: "stopped", message };
  }

  /** What helm does with a release that did not come up, and its words for it. */
  async #cleanUp(cause: string): Promise<string> {
    if (!this.#model.atomic) {
      this.#record.status = "failed";
      return cause;
    }
    await this.remove("absent");
    return `release ${this.#release.name} failed, and has been uninstalled due to atomic being set: ${cause}`;
  }

  async remove(status: ReleaseStatus): Promise<void> {
    this.#record.workload?.remove();
    this.#record.workload = undefined;
    await this.#options.place.clock.sleep(this.#duration(removeMs, "remove"));
    this.#record.status = status;
  }

  #createWorkload(): Workload {
    const { place, seed, crashes, faults } = this.#options;
    return createWorkload(
      {
        release: this.#release,
        model: this.#model,
        attempt: this.#record.attempts,
        slowness: faults.slowness(this.#release.id),
        seed,
        crashes,
      },
      place,
    );
  }

  #untilReady(workload: Workload): Promise<"ready" | "timeout" | "interrupted"> {
    // helm's --wait passes over Jobs and CronJobs.
    if (this.#model.kind === "Job" || workload.isReady()) return Promise.resolve("ready");
    return new Promise((resolve) => {
      const end = (waited: "ready" | "timeout" | "interrupted"): void => {
        for (const cancel of cancels) cancel();
        resolve(waited);
      };
      const cancels = [
        this.#options.place.clock.after(this.#model.timeoutMs, () => end("timeout")),
        workload.onReady(() => end("ready")),
      ];
      cancels.push(this.#interruption.onInterrupt(() => end("interrupted")));
    });
  }

  #untilInterrupted(): Promise<void> {
    return new Promise((resolve) => {
      this.#interruption.onInterrupt(resolve);
    });
  }

  async #pause(range: Range, what: string): Promise<void> {
    await pause(this.#options.place.clock, this.#duration(range, what), this.#interruption);
  }

  #duration(range: Range, what: string): number {
    const { seed, faults } = this.#options;
    const { id } = this.#release;
    return faults.slowness(id) * draw(range, `${seed}|${id}|${this.#record.attempts}|${what}`);
  }
}
