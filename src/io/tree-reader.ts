import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import PQueue from "p-queue";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import type { Release } from "../core/common/release.ts";
import { unreachable } from "../core/common/result.ts";
import {
  parseHelmfileFailure,
  saysHelmIsMissing,
  saysNothingHere,
} from "../core/helmfile-output/helmfile-reading-failure.ts";
import { parseHelmfileBuild } from "../core/tree/helmfile-build.ts";
import { heardByMany } from "./heard-by-many.ts";
import { type HelmfileAnswer, readWithHelmfile } from "./helmfile.ts";
import type { FoundService } from "./services.ts";

/** What helmfile said about one service. */
export type ServiceReading = { readonly service: FoundService } & (
  | { readonly kind: "listed"; readonly releases: readonly Release[] }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly message: string; readonly exitCode?: number }
  /** helmfile ended well, and what it printed is not what `helmfile build` prints. */
  | { readonly kind: "garbage" }
);

export interface TreeReaderOptions {
  readonly program: string;
  readonly environment: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the generated files go. */
  readonly folder: string;
  /** How many helmfiles run at the same time. */
  readonly jobs: number;
  readonly shardLimitMs: number;
  readonly serviceLimitMs: number;
  readonly signal: AbortSignal | undefined;
}

type Exited = Extract<HelmfileAnswer, { kind: "exited" }>;

/** So many answers that are no answers, and not one that is: then it is not helmfile that answers. */
const patience = 8;

/** After so many services that one message each named, the rest of a shard is read in two halves, side by side. */
const namedFailuresInARow = 2;

/**
 * Reads services with as few helmfile processes as can be: most of what a process costs is its start. What goes wrong
 * for many is asked again for fewer, until it is known which service it was.
 */
export class TreeReader {
  /** Why no service at all can be read; whatever was returned is then worth nothing. */
  fault: Diagnostic | undefined;
  readonly #options: TreeReaderOptions;
  readonly #queue: PQueue;
  readonly #halted = new AbortController();
  readonly #signal: AbortSignal;
  #files = 0;
  #answers = 0;
  #garbage = 0;

  constructor(options: TreeReaderOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.jobs });
    const { signal } = options;
    // Every helmfile that runs listens.
    this.#signal = heardByMany(AbortSignal.any([this.#halted.signal, ...(signal ? [signal] : [])]));
  }

  /** Reads services in one process, or where that fails in several. Paths must be plain: no globs, no templates. */
  async readTogether(services: readonly FoundService[], namedBefore = 0): Promise<ServiceReading[]> {
    const [first] = services;
    if (first === undefined) return [];
    if (services.length === 1) return [await this.readAlone(first)];
    const answer = await this.#run(await this.#generatedFile(services), this.#options.shardLimitMs);
    switch (answer.kind) {
      case "exited":
        return this.#readTogetherExited(services, answer, namedBefore);
      case "timed-out":
        return this.#readEach(services);
      case "signalled":
      case "printed-too-much":
        return this.#readHalves(services);
      case "cancelled":
        return [];
      case "not-started":
        return this.#halt(answer.message);
      default:
        return unreachable(answer);
    }
  }

  async readAlone(service: FoundService): Promise<ServiceReading> {
    const answer = await this.#run(service.path, this.#options.serviceLimitMs);
    switch (answer.kind) {
      case "exited":
        return this.#readAloneExited(service, answer);
      case "timed-out":
        return unreadable(service, `helmfile did not answer within ${answer.limitMs / 1000} s`);
      case "signalled":
        return unreadable(service, `helmfile was ended by ${answer.signal}`);
      case "printed-too-much":
        return unreadable(service, `helmfile printed more than ${answer.maxOutput} characters`);
      case "cancelled":
        return unreadable(service, "helmfile was stopped");
      case "not-started":
        this.#halt(answer.message);
        return unreadable(service, answer.message);
      default:
        return unreachable(answer);
    }
  }

  async #readTogetherExited(
    services: readonly FoundService[],
    answer: Exited,
    namedBefore: number,
  ): Promise<ServiceReading[]> {
    if (saysNothingHere(answer)) return services.map(absent);
    if (answer.exitCode === 0) {
      const build = parseHelmfileBuild({ stdout: answer.stdout, helmfiles: asked(services) });
      if (build.ok && build.value.size > 0) return services.map((service) => reading(service, build.value));
      if (!build.ok && build.failure === "not-a-build" && !this.#tellGarbage()) return [];
      return this.#readHalves(services);
    }
    if (saysHelmIsMissing(answer.stderr)) return this.#halt(parseHelmfileFailure(answer.stderr).message);
    const failure = parseHelmfileFailure(answer.stderr);
    const named =
      failure.missing === undefined
        ? failure.index
        : services.findIndex(({ path }) => path === failure.missing);
    const culprit = services[named ?? -1];
    if (named === undefined || culprit === undefined) return this.#readHalves(services);
    const before = services.slice(0, named);
    const after = services.slice(named + 1);
    const sound = failure.missing === undefined ? readBefore(before, answer.stdout) : undefined;
    const rest = sound ? after : [...before, ...after];
    const again =
      namedBefore < namedFailuresInARow ? this.readTogether(rest, namedBefore + 1) : this.#readHalves(rest);
    return [...(sound ?? []), unreadable(culprit, failure.message, answer.exitCode), ...(await again)];
  }

  #readAloneExited(service: FoundService, answer: Exited): ServiceReading {
    if (saysNothingHere(answer)) return { service, kind: "absent" };
    if (answer.exitCode === 0) {
      const build = parseHelmfileBuild({ stdout: answer.stdout, helmfiles: asked([service]) });
      // With nothing to list it would not have ended with 0: what it printed was about something else.
      if (build.ok && build.value.size > 0) return reading(service, build.value);
      this.#tellGarbage();
      return { service, kind: "garbage" };
    }
    const { message } = parseHelmfileFailure(answer.stderr);
    if (saysHelmIsMissing(answer.stderr)) this.#halt(message);
    return unreadable(
      service,
      message || `helmfile ended with exit code ${answer.exitCode} and said nothing`,
      answer.exitCode,
    );
  }

  async #readHalves(services: readonly FoundService[]): Promise<ServiceReading[]> {
    const middle = Math.ceil(services.length / 2);
    const halves = [services.slice(0, middle), services.slice(middle)];
    return (await Promise.all(halves.map((half) => this.readTogether(half)))).flat();
  }

  #readEach(services: readonly FoundService[]): Promise<ServiceReading[]> {
    return Promise.all(services.map((service) => this.readAlone(service)));
  }

  async #run(file: string, limitMs: number): Promise<HelmfileAnswer> {
    const { program, env, environment } = this.#options;
    const args = ["--file", file, "--environment", environment, "build"];
    // The queue gets no signal: on abort it would start the next while this one still runs.
    const answer = await this.#queue.add(() =>
      readWithHelmfile({ program, args, env, limitMs, signal: this.#signal }),
    );
    if (answer.kind === "exited") this.#answers++;
    return answer;
  }

  /** Names the environment, or helmfile could not tell one that nobody defines from one that has nothing. */
  async #generatedFile(services: readonly FoundService[]): Promise<string> {
    const file = join(this.#options.folder, `services-${++this.#files}.yaml`);
    const paths = services.map(({ path }) => `  - path: ${JSON.stringify(path)}`);
    const environments = `environments:\n  ${JSON.stringify(this.#options.environment)}: {}\n`;
    await writeFile(file, `${environments}helmfiles:\n${paths.join("\n")}\n`);
    return file;
  }

  /** False where it is time to give up. */
  #tellGarbage(): boolean {
    this.#garbage++;
    if (this.#garbage < patience || this.#garbage < this.#answers) return true;
    this.#halt("what it answered is not what `helmfile build` prints");
    return false;
  }

  #halt(reason: string): [] {
    this.fault ??= treeUnavailable(this.#options.program, reason);
    this.#halted.abort();
    return [];
  }
}

/** Nothing can be read because of helmfile itself, whatever the services are. */
export function treeUnavailable(program: string, reason: string): Diagnostic {
  const what = {
    message: `the tree cannot be read with ${program}: ${reason}`,
    instead: "give an inventory instead of the tree",
  };
  return helmfileUnavailable(what);
}

/** @param instead what can be done without helmfile */
export function helmfileUnavailable({
  message,
  instead,
}: {
  readonly message: string;
  readonly instead: string;
}): Diagnostic {
  const remedy = `install helmfile and helm and put them on PATH, or ${instead}`;
  return { severity: "error", code: "helmfile-unavailable", message, remedy };
}

/** What a helmfile that failed later had printed before; undefined where that cannot be told apart. */
function readBefore(services: readonly FoundService[], stdout: string): ServiceReading[] | undefined {
  if (stdout.trim() === "") return services.map(absent);
  const build = parseHelmfileBuild({ stdout, helmfiles: asked(services) });
  return build.ok ? services.map((service) => reading(service, build.value)) : undefined;
}

type BuiltServices = Extract<ReturnType<typeof parseHelmfileBuild>, { ok: true }>["value"];

function reading(service: FoundService, built: BuiltServices): ServiceReading {
  const answer = built.get(service.name);
  if (answer === undefined) return absent(service);
  return answer.kind === "listed"
    ? { service, kind: "listed", releases: answer.releases }
    : unreadable(service, answer.message);
}

function absent(service: FoundService): ServiceReading {
  return { service, kind: "absent" };
}

function unreadable(service: FoundService, message: string, exitCode?: number): ServiceReading {
  return { service, kind: "unreadable", message, ...(exitCode !== undefined && { exitCode }) };
}

function asked(services: readonly FoundService[]): { service: string; source: string }[] {
  return services.map(({ name, source }) => ({ service: name, source }));
}
