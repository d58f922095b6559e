import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import {
  isEnvironmentName,
  type Service,
  type Tree,
  type UnreadableService,
} from "../core/common/release.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { relativeTo } from "../core/helmfile-output/helmfile-reading-failure.ts";
import { assembleTree } from "../core/tree/assemble-tree.ts";
import { withPrivateFolder } from "./private-folder.ts";
import { type FoundService, type FoundServices, findServices } from "./services.ts";
import { type ServiceReading, TreeReader, treeUnavailable } from "./tree-reader.ts";

/** Where the helmfiles are, and by what they are read. */
export interface DiscoverOptions {
  /** The folder below which each directory with a `helmfile.yaml` is a service. */
  readonly servicesDir: string;
  /** A name, not a glob. */
  readonly environment: string;
  /** The program: a name on PATH, or a path. @default "helmfile" */
  readonly helmfile?: string;
  /** The operator's environment variables; some are withheld from helmfile. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many helmfiles run side by side. @default the number of cores */
  readonly shards?: number;
  /** How long one helmfile may take, in milliseconds. @default as each says */
  readonly limits?: {
    /** For many services. @default 60000 */
    readonly shardMs?: number;
    /** For one service. @default 30000 */
    readonly serviceMs?: number;
  };
  /** Ends the helmfiles at once, and the result is a failure with the code `cancelled`. @default never aborted */
  readonly signal?: AbortSignal;
}

/** More than 100 files in one helmfile hung where this was measured. */
const largestShard = 50;

/** Fewer are read sooner by one process than another one starts. */
const smallestShard = 4;

/**
 * Reads all services of one environment with `helmfile build`, the only reader of helmfiles: templates decide what
 * they hold. It runs the helmfiles' `prepare` and `cleanup` hooks, with `SUPPRESS_SAL=true`.
 *
 * A service that cannot be read is part of the tree, with the reason. A failure has the code `helmfile-unavailable`
 * where helmfile itself is at fault, `cancelled`, or says what is wrong with the services directory.
 *
 * @example
 * const tree = await discover({ servicesDir, environment: "codfw", env: process.env });
 * if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));
 */
export async function discover(options: DiscoverOptions): Promise<Result<Tree, readonly Diagnostic[]>> {
  const { environment, signal } = options;
  if (!isEnvironmentName(environment)) return fail([invalidEnvironment(environment)]);
  const servicesDir = resolve(options.servicesDir);
  const found = await findServices(servicesDir);
  if (!found.ok) return found;
  if (signal?.aborted) return fail([cancelled]);
  return withPrivateFolder((folder) => readTree({ options, servicesDir, found: found.value, folder }));
}

async function readTree({
  options,
  servicesDir,
  found,
  folder,
}: {
  readonly options: DiscoverOptions;
  readonly servicesDir: string;
  readonly found: FoundServices;
  readonly folder: string;
}): Promise<Result<Tree, readonly Diagnostic[]>> {
  const { environment, env, limits, signal, helmfile: program = "helmfile" } = options;
  const jobs = Math.max(1, options.shards ?? availableParallelism());
  const reader = new TreeReader({
    program,
    environment,
    env,
    folder,
    jobs,
    signal,
    shardLimitMs: limits?.shardMs ?? 60_000,
    serviceLimitMs: limits?.serviceMs ?? 30_000,
  });
  const { together, alone } = sortOut(found.services);
  const readings = await Promise.all([
    ...dealOut(together, jobs).map((shard) => reader.readTogether(shard)),
    ...alone.map(async (service) => [await reader.readAlone(service)]),
  ]);
  if (signal?.aborted) return fail([cancelled]);
  if (reader.fault) return fail([reader.fault]);
  const all = readings.flat();
  if (all.length > 0 && all.every(({ kind }) => kind === "garbage")) {
    return fail([treeUnavailable(program, "what it answered is not what `helmfile build` prints")]);
  }
  const parent = dirname(servicesDir);
  return ok(
    assembleTree({
      environment,
      services: all.flatMap(listed),
      absent: all.filter(({ kind }) => kind === "absent").map(({ service }) => service.name),
      unreadable: [...found.unreadable, ...all.flatMap((reading) => unreadable(reading, parent))],
    }),
  );
}

function listed(reading: ServiceReading): Service[] {
  if (reading.kind !== "listed") return [];
  const { name, helmfile } = reading.service;
  return [{ name, helmfile, releases: reading.releases }];
}

function unreadable(reading: ServiceReading, parent: string): UnreadableService[] {
  const service = reading.service.name;
  if (reading.kind === "garbage") {
    return [{ service, message: "what helmfile answered is not what `helmfile build` prints" }];
  }
  if (reading.kind !== "unreadable") return [];
  const { message, exitCode } = reading;
  return [{ service, message: relativeTo(parent, message), ...(exitCode !== undefined && { exitCode }) }];
}

/** Letters, digits and marks that neither helmfile's globs nor its templates nor its remote paths know. */
const plainPath = /^[\p{L}\p{N}_./+,=~ -]+$/u;

/**
 * Which services one generated file may name: not those whose path helmfile would read as something else, and not two
 * directories that are one, since the answer names what it is about by the resolved path.
 */
function sortOut(services: readonly FoundService[]): { together: FoundService[]; alone: FoundService[] } {
  const counts = new Map<string, number>();
  for (const { source } of services) counts.set(source, (counts.get(source) ?? 0) + 1);
  const isPlain = ({ path, source }: FoundService): boolean =>
    plainPath.test(path) && counts.get(source) === 1;
  return {
    together: services.filter(isPlain),
    alone: services.filter((service) => !isPlain(service)),
  };
}

/** In turn, one to each: services that are alike have names that are alike, and take as long as each other. */
function dealOut(services: readonly FoundService[], jobs: number): FoundService[][] {
  const most = Math.ceil(services.length / smallestShard);
  const count = Math.max(Math.min(jobs, most), Math.ceil(services.length / largestShard));
  return Array.from({ length: count }, (_, shard) =>
    services.filter((_service, index) => index % count === shard),
  );
}

const cancelled: Diagnostic = {
  severity: "error",
  code: "cancelled",
  message: "reading the tree was stopped",
};

function invalidEnvironment(environment: string): Diagnostic {
  return {
    severity: "error",
    code: "invalid-environment",
    message: `${JSON.stringify(environment)} is no name of an environment`,
    expected: "letters, digits, dots, dashes and underscores, at most 63",
  };
}
