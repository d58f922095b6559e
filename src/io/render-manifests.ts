import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import PQueue from "p-queue";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import type { Release, Service } from "../core/common/release.ts";
import { fail, ok, type Result, unreachable } from "../core/common/result.ts";
import {
  parseHelmfileFailure,
  relativeTo,
  saysHelmIsMissing,
} from "../core/helmfile-output/helmfile-reading-failure.ts";
import type { RenderedRelease } from "../core/manifests/derived.ts";
import { type RenderedObject, readRenderedObjects } from "../core/manifests/rendered-objects.ts";
import { heardByMany } from "./heard-by-many.ts";
import { type HelmfileAnswer, readWithHelmfile } from "./helmfile.ts";
import { readManifestFiles } from "./manifest-files.ts";
import { withPrivateFolder } from "./private-folder.ts";
import { helmfileUnavailable } from "./tree-reader.ts";

/** What is rendered, where from, and with what. */
export interface RenderOptions {
  /** What is rendered: their releases that are installed. */
  readonly services: readonly Service[];
  /** The folder that paths of helmfiles are relative to. */
  readonly servicesDir: string;
  /** As `helmfile --environment` names it. */
  readonly environment: string;
  /** The program: a name on PATH, or a path. @default "helmfile" */
  readonly helmfile?: string;
  /** The operator's environment variables; some are withheld from helmfile. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many helmfiles run side by side. @default the number of cores */
  readonly jobs?: number;
  /** How long one helmfile may take, in milliseconds. @default 120000 */
  readonly limitMs?: number;
  /** Ends the helmfiles at once, and the result is a failure with the code `cancelled`. @default never */
  readonly signal?: AbortSignal;
}

/** A release whose chart could not be rendered, and why. */
export interface NotRendered {
  readonly release: string;
  readonly service: string;
  readonly message: string;
}

/** What helmfile rendered, and what it could not. */
export interface RenderedManifests {
  readonly releases: readonly RenderedRelease[];
  readonly notRendered: readonly NotRendered[];
  /** What was rendered and is no YAML, or no object. */
  readonly faults: readonly Diagnostic[];
}

/**
 * Renders releases with `helmfile template`, one helmfile for each service. Where that fails, each of its releases is
 * rendered by itself, so that only those are left out that really cannot be. Like `helmfile build` it runs the
 * helmfiles' `prepare` and `cleanup` hooks, with `SUPPRESS_SAL=true`.
 *
 * Files are named `NAMESPACE/RELEASE/CHART/templates/…`. A failure has the code `helmfile-unavailable` or `cancelled`.
 *
 * @example
 * const tree = await discover({ servicesDir, environment: "codfw", env: process.env });
 * if (tree.ok) {
 *   const { services, environment } = tree.value;
 *   const rendered = await renderManifests({ services, servicesDir, environment, env: process.env });
 *   if (rendered.ok) console.log(renderDerived(deriveDependencies(rendered.value.releases)));
 * }
 */
export async function renderManifests(
  options: RenderOptions,
): Promise<Result<RenderedManifests, readonly Diagnostic[]>> {
  return withPrivateFolder(async (folder) => {
    const renderer = new Renderer(options, folder);
    const parts = await Promise.all(options.services.map((service) => renderer.render(service)));
    if (options.signal?.aborted) return fail([cancelled]);
    if (renderer.fault) return fail([renderer.fault]);
    return ok(joined(parts));
  });
}

const cancelled: Diagnostic = {
  severity: "error",
  code: "cancelled",
  message: "rendering the charts was stopped",
};

const defaultLimitMs = 120_000;

/** Where a release goes below a folder; the one of a release without a namespace is no name of a namespace. */
const outputFolder = '{{ .OutputDir }}/{{ or .Release.Namespace "_" }}/{{ .Release.Name }}';

class Renderer {
  /** Why nothing at all can be rendered. */
  fault: Diagnostic | undefined;
  readonly #options: RenderOptions;
  readonly #folder: string;
  readonly #queue: PQueue;
  readonly #halted = new AbortController();
  readonly #signal: AbortSignal;
  #runs = 0;

  constructor(options: RenderOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#queue = new PQueue({ concurrency: options.jobs ?? availableParallelism() });
    const { signal } = options;
    // Every helmfile that runs listens.
    this.#signal = heardByMany(AbortSignal.any([this.#halted.signal, ...(signal ? [signal] : [])]));
  }

  async render(service: Service): Promise<RenderedManifests> {
    const releases = service.releases.filter(({ installed }) => installed);
    if (releases.length === 0) return nothing;
    const together = await this.#renderTogether(service, releases);
    if (typeof together !== "string") return together;
    if (releases.length === 1) return notRendered(service, releases, together);
    const each = await Promise.all(
      releases.map(async (release) => {
        const alone = await this.#renderTogether(service, [release]);
        return typeof alone === "string" ? notRendered(service, [release], alone) : alone;
      }),
    );
    return joined(each);
  }

  /** What helmfile rendered, or why it did not. */
  async #renderTogether(service: Service, releases: readonly Release[]): Promise<RenderedManifests | string> {
    const folder = join(this.#folder, String(++this.#runs));
    const answer = await this.#run(service, releases, folder);
    switch (answer.kind) {
      case "exited":
        if (answer.exitCode === 0) return this.#read(service, releases, { folder, answer });
        return this.#messageOf(answer);
      case "timed-out":
        return `helmfile did not answer within ${answer.limitMs / 1000} s`;
      case "signalled":
        return `helmfile was ended by ${answer.signal}`;
      case "printed-too-much":
        return `helmfile printed more than ${answer.maxOutput} characters`;
      case "cancelled":
        return "helmfile was stopped";
      case "not-started":
        this.#halt(answer.message);
        return answer.message;
      default:
        return unreachable(answer);
    }
  }

  #run(service: Service, releases: readonly Release[], folder: string): Promise<HelmfileAnswer> {
    const {
      environment,
      servicesDir,
      env,
      helmfile: program = "helmfile",
      limitMs = defaultLimitMs,
    } = this.#options;
    // Named one by one: what appears meanwhile must not slip in, and what is not installed is left out.
    const selectors = releases.flatMap(({ namespace, name }) => [
      "--selector",
      namespace === "" ? `name=${name}` : `namespace=${namespace},name=${name}`,
    ]);
    const args = [
      ...["--file", resolve(servicesDir, service.helmfile), "--environment", environment, ...selectors],
      ...["template", "--skip-tests", "--output-dir", folder, "--output-dir-template", outputFolder],
    ];
    // The queue gets no signal: on abort it would start the next while this one still runs.
    return this.#queue.add(() => readWithHelmfile({ program, args, env, limitMs, signal: this.#signal }));
  }

  async #read(
    service: Service,
    releases: readonly Release[],
    { folder, answer }: { folder: string; answer: Extract<HelmfileAnswer, { kind: "exited" }> },
  ): Promise<RenderedManifests> {
    const parts = await Promise.all(
      releases.map(async (release) => {
        const place = join(folder, release.namespace || "_", release.name);
        if (existsSync(place)) return readRelease(release, place);
        // A chart may be empty; a release that helmfile never came to is something else.
        const said = `${answer.stdout}\n${answer.stderr}`;
        if (said.includes(`Templating release=${release.name},`))
          return { ...nothing, releases: [{ id: release.id, objects: [] }] };
        return notRendered(service, [release], "helmfile left it out, and said nothing");
      }),
    );
    return joined(parts);
  }

  #messageOf({ stderr, exitCode }: Extract<HelmfileAnswer, { kind: "exited" }>): string {
    const { message } = parseHelmfileFailure(stderr);
    if (saysHelmIsMissing(stderr)) this.#halt(message);
    const text = relativeTo(resolve(this.#options.servicesDir), relativeTo(this.#folder, message));
    return text || `helmfile ended with exit code ${exitCode} and said nothing`;
  }

  #halt(reason: string): void {
    this.fault ??= helmfileUnavailable({
      message: `no chart can be rendered with ${this.#options.helmfile ?? "helmfile"}: ${reason}`,
      instead: "name manifests that are rendered already by --manifests",
    });
    this.#halted.abort();
  }
}

const nothing: RenderedManifests = { releases: [], notRendered: [], faults: [] };

function joined(parts: readonly RenderedManifests[]): RenderedManifests {
  return {
    releases: parts.flatMap(({ releases }) => releases),
    notRendered: parts.flatMap((part) => part.notRendered),
    faults: parts.flatMap(({ faults }) => faults),
  };
}

function notRendered(service: Service, releases: readonly Release[], message: string): RenderedManifests {
  return {
    ...nothing,
    notRendered: releases.map(({ id }) => ({ release: id, service: service.name, message })),
  };
}

function readRelease({ id, namespace, name }: Release, folder: string): RenderedManifests {
  const objects: (readonly RenderedObject[])[] = [];
  const faults: (readonly Diagnostic[])[] = [];
  for (const { file, text } of readManifestFiles(folder)) {
    // The folder is gone when people read this.
    const read = readRenderedObjects({
      file: [namespace, name, file].filter((part) => part !== "").join("/"),
      text,
    });
    objects.push(read.objects);
    faults.push(read.faults);
  }
  return { releases: [{ id, objects: objects.flat() }], notRendered: [], faults: faults.flat() };
}
