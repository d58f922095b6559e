import type { Release } from "../core/common/release.ts";
import type { Step } from "../core/plan/plan.ts";
import type { ProgramResult, RunContext } from "../core/rollout/backend.ts";
import type { World } from "./cluster.ts";
import {
  comparing,
  type Finished,
  failureLines,
  helmLines,
  releaseTable,
  upgrading,
} from "./helmfile-output.ts";
import { type Interruption, pause } from "./interruption.ts";
import { keepLast } from "./last-lines.ts";
import type { Process } from "./process-table.ts";

/** The start of a 240 MB program. */
const processStartMs = 300;

/** What helmfile has to know of a step. */
export type HelmfileCall = Pick<Step, "service" | "helmfile" | "releases" | "action" | "removesReleases">;

/** What helmfile does with a step: its releases side by side, layer by layer where one needs another. */
export async function runHelmfile(
  step: HelmfileCall,
  context: RunContext,
  world: World,
): Promise<ProgramResult> {
  const process = world.processes.start(context.signal);
  if (process === undefined) return { ok: false, failure: { kind: "spawn", message: "the host is down" } };
  try {
    return await new HelmfileRun(step, context, world, process).run();
  } finally {
    process.end();
  }
}

class HelmfileRun {
  readonly #step: HelmfileCall;
  readonly #world: World;
  readonly #interruption: Interruption;
  readonly #print: (line: string) => void;
  readonly #lastLines: () => readonly string[];

  constructor(step: HelmfileCall, context: RunContext, world: World, process: Process) {
    this.#step = step;
    this.#world = world;
    this.#interruption = process.interruption;
    ({ output: this.#print, lines: this.#lastLines } = keepLast(context.output));
  }

  async run(): Promise<ProgramResult> {
    const { clock, faults } = this.#world;
    await pause(clock, processStartMs * faults.slowness(), this.#interruption);
    if (this.#interruption.cause !== undefined) return this.#endedBySignal();
    const releases = this.#selected();
    if (releases.length === 0) return this.#failed([`err: no releases found in ${this.#step.helmfile}`], 3);
    const layers = layersOf(releases);
    if (layers === undefined)
      return this.#failed([`in ${this.#step.helmfile}: the needs of its releases form a cycle`]);
    const removed = await this.#remove();
    const finished: Finished[] = [];
    for (const layer of layers) {
      finished.push(...(await this.#upgrade(layer)));
      // A layer that did not succeed is the last one: what follows is not even named.
      if (!finished.every(succeeded)) break;
      if (this.#interruption.cause !== undefined && finished.length < releases.length) break;
    }
    return this.#report(finished, removed, releases.length);
  }

  #selected(): readonly Release[] {
    return this.#step.releases
      .map((id) => this.#world.release(id))
      .filter((release) => release !== undefined)
      .filter(({ installed }) => installed);
  }

  /** Without a selector helmfile removes what its helmfile lists as not installed, if it is there. */
  async #remove(): Promise<readonly Release[]> {
    if (this.#step.removesReleases !== true) return [];
    const { cluster } = this.#world;
    const service = this.#world.service(this.#step.service);
    const unwanted = (service?.releases ?? []).filter(
      ({ id, installed }) => !installed && cluster.status(id) !== "absent",
    );
    for (const { name } of unwanted) this.#print(`Deleting ${name}`);
    await Promise.all(unwanted.map(({ id }) => cluster.uninstall(id)));
    return unwanted;
  }

  async #upgrade(layer: readonly Release[]): Promise<readonly Finished[]> {
    return await Promise.all(
      layer.map(async (release) => {
        this.#announce(release);
        const outcome = await this.#world.helm.upgrade(release, this.#interruption);
        this.#lines(helmLines({ release, outcome }, this.#step.action));
        return { release, outcome };
      }),
    );
  }

  #announce(release: Release): void {
    const there = this.#world.cluster.status(release.id) === "deployed";
    if (this.#step.action === "apply") this.#print(comparing(release));
    if (this.#step.action === "sync" || !there) this.#print(upgrading(release));
  }

  #report(finished: readonly Finished[], removed: readonly Release[], wanted: number): ProgramResult {
    const { action, helmfile } = this.#step;
    const failed = finished.filter((one) => !succeeded(one));
    const updated = finished.filter(
      ({ outcome: { kind } }) => kind === "deployed" || (kind === "unchanged" && action === "sync"),
    );
    this.#lines(releaseTable("UPDATED RELEASES:", updated));
    this.#lines(
      releaseTable(
        "DELETED RELEASES:",
        removed.map((release) => ({ release })),
      ),
    );
    this.#lines(releaseTable("FAILED RELEASES:", failed));
    const [first] = failed;
    if (first !== undefined) this.#lines(failureLines(first, helmfile));
    if (this.#interruption.cause !== undefined && (first !== undefined || finished.length < wanted))
      return this.#endedBySignal();
    return first === undefined ? { ok: true } : this.#failed([]);
  }

  #lines(lines: readonly string[]): void {
    for (const line of lines) this.#print(line);
  }

  #failed(lines: readonly string[], exitCode = 1): ProgramResult {
    this.#lines(lines);
    return { ok: false, failure: { kind: "exit", exitCode, lastLines: this.#lastLines() } };
  }

  #endedBySignal(): ProgramResult {
    const signal = this.#interruption.cause === "killed" ? "SIGKILL" : "SIGTERM";
    return { ok: false, failure: { kind: "signal", signal, lastLines: this.#lastLines() } };
  }
}

function succeeded({ outcome: { kind } }: Finished): boolean {
  return kind === "deployed" || kind === "unchanged";
}

/** helmfile's groups: a release stands one layer after the last that it needs. Undefined if the needs go round. */
function layersOf(releases: readonly Release[]): readonly (readonly Release[])[] | undefined {
  const layers: Release[][] = [];
  let rest = releases;
  while (rest.length > 0) {
    const open = new Set(rest.map(({ id }) => id));
    // With a selector helmfile passes over what is needed but not selected.
    const next = rest.filter(({ needs }) => !needs.some((need) => open.has(need)));
    if (next.length === 0) return undefined;
    layers.push(next);
    const taken = new Set(next);
    rest = rest.filter((release) => !taken.has(release));
  }
  return layers;
}
