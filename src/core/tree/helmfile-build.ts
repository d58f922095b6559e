import { hasControlCharacters, isFilePath } from "../common/file-path.ts";
import {
  isHelmProgram,
  isNamespaceName,
  isReleaseName,
  type Release,
  type ReleaseId,
  releaseId,
} from "../common/release.ts";
import { fail, ok, type Result } from "../common/result.ts";
import * as z from "../common/zod.ts";
import { parsePlainYaml } from "./helmfile-yaml.ts";

/** A helmfile that was asked for: `source` is its absolute path, symbolic links resolved, as helmfile names it. */
export interface AskedHelmfile {
  readonly service: string;
  readonly source: string;
}

/** What the answer says about one service. */
export type BuiltService =
  | { readonly kind: "listed"; readonly releases: readonly Release[] }
  /** helmfile read it, and what it read is nothing that can be deployed. */
  | { readonly kind: "unreadable"; readonly message: string };

/**
 * By service; one that helmfile left out, or that has no releases, is not in it.
 *
 * `not-a-build`: no document says its source: whatever answered, it was not `helmfile build`.
 * `ambiguous`: a helmfile is a service of its own and part of another one, so that it cannot be told whose document
 * is whose; each asked for alone gives the answer.
 */
export type BuildAnswer = Result<ReadonlyMap<string, BuiltService>, "not-a-build" | "ambiguous">;

/**
 * Reads what `helmfile build` printed for helmfiles that were asked for together, in the order of the question.
 * The documents of a helmfile's own nested helmfiles come before its own.
 */
export function parseHelmfileBuild({
  stdout,
  helmfiles,
}: {
  readonly stdout: string;
  readonly helmfiles: readonly AskedHelmfile[];
}): BuildAnswer {
  const documents = documentsOf(stdout);
  if (documents.length === 0) return fail("not-a-build");
  const services = new Map(helmfiles.map(({ service, source }) => [source, service]));
  const built = new Map<string, BuiltService>();
  const seen = new Set<string>();
  let texts: string[] = [];
  for (const { source, text } of documents) {
    texts.push(text);
    const service = services.get(source);
    if (service === undefined) continue;
    if (seen.has(service)) return fail("ambiguous");
    seen.add(service);
    const answer = readService(service, texts);
    if (answer.kind === "unreadable" || answer.releases.length > 0) built.set(service, answer);
    texts = [];
  }
  return ok(built);
}

const documentStart = /^---\n# {2}Source: (.+)\n/gm;

function documentsOf(stdout: string): { readonly source: string; readonly text: string }[] {
  const starts = [...stdout.matchAll(documentStart)];
  return starts.map((start, index) => ({
    source: start[1] ?? "",
    text: stdout.slice(start.index + start[0].length, starts[index + 1]?.index ?? stdout.length),
  }));
}

function readService(service: string, texts: readonly string[]): BuiltService {
  const releases: Release[] = [];
  const seen = new Set<string>();
  for (const text of texts) {
    const read = readDocument(service, text);
    if (!read.ok) return { kind: "unreadable", message: read.failure };
    for (const release of read.value) {
      if (seen.has(release.id)) {
        return { kind: "unreadable", message: `its helmfile lists the release ${release.id} twice` };
      }
      seen.add(release.id);
      releases.push(release);
    }
  }
  return { kind: "listed", releases };
}

const defaultsSchema = z.nullish(
  z.looseObject({
    args: z.nullish(z.array(z.string())),
    kubeContext: z.nullish(z.string()),
    timeout: z.nullish(z.int().check(z.minimum(0))),
    atomic: z.nullish(z.boolean()),
  }),
);

const releaseSchema = z.looseObject({
  name: z.string(),
  namespace: z._default(z.string(), ""),
  chart: z.string(),
  installed: z.nullish(z.boolean()),
  condition: z.nullish(z.string()),
  labels: z.nullish(z.record(z.string(), z.string())),
  needs: z.nullish(z.array(z.string())),
  timeout: z.nullish(z.int().check(z.minimum(0))),
  atomic: z.nullish(z.boolean()),
  kubeContext: z.nullish(z.string()),
});

const wantedKeys: ReadonlySet<string> = new Set(Object.keys(releaseSchema.shape));

type BuiltRelease = z.infer<typeof releaseSchema>;
type Defaults = z.infer<typeof defaultsSchema>;

function readDocument(service: string, text: string): Result<Release[], string> {
  const list = z.safeParse(z.nullish(z.array(releaseSchema)), section(text, "releases", wantedKeys));
  if (!list.success)
    return fail(`helmfile printed a release that is not understood: ${firstIssue(list.error)}`);
  const built = list.data ?? [];
  const defaults = z.safeParse(defaultsSchema, built.length > 0 ? section(text, "helmDefaults") : undefined);
  if (!defaults.success) {
    return fail(`helmfile printed helmDefaults that are not understood: ${firstIssue(defaults.error)}`);
  }
  // The environment's values may be long, and nothing else needs them.
  const values = built.some(({ condition }) => condition) ? section(text, "renderedvalues") : undefined;
  const helm = built.length > 0 ? otherHelm(section(text, "helmBinary")) : undefined;
  const releases: Release[] = [];
  for (const release of built) {
    const fault = faultOf(release);
    if (fault !== undefined) return fail(fault);
    releases.push(releaseOf({ service, release, defaults: defaults.data, values, helm }));
  }
  return ok(releases);
}

function firstIssue({ issues }: z.core.$ZodError): string {
  const issue = issues[0];
  return issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
}

function faultOf({ name, namespace, chart, needs }: BuiltRelease): string | undefined {
  const id = JSON.stringify(releaseId(namespace, name));
  if (!isReleaseName(name)) return `its helmfile lists ${id}: helm takes no release of that name`;
  if (namespace !== "" && !isNamespaceName(namespace))
    return `its helmfile lists ${id}: no name of a namespace`;
  if (hasControlCharacters(chart)) return `its helmfile lists ${id} with a chart of control characters`;
  const unknown = needs?.find((need) => neededRelease(need, namespace) === undefined);
  return unknown === undefined
    ? undefined
    : `its helmfile lists ${id}, which needs ${JSON.stringify(unknown)}: no name of a release`;
}

function releaseOf({
  service,
  release,
  defaults,
  values,
  helm,
}: {
  readonly service: string;
  readonly release: BuiltRelease;
  readonly defaults: Defaults;
  readonly values: unknown;
  readonly helm: string | undefined;
}): Release {
  const { name, namespace, chart, installed, condition, labels, needs } = release;
  const kubeconfig = kubeconfigOf(defaults?.args ?? []);
  const atomic = release.atomic ?? defaults?.atomic;
  const timeout = release.timeout ?? defaults?.timeout;
  const kubeContext = release.kubeContext || defaults?.kubeContext;
  return {
    id: releaseId(namespace, name),
    service,
    namespace,
    name,
    chart,
    // Where it is not templated, helmfile leaves `installed` out.
    installed: (installed ?? true) && conditionHolds(condition ?? "", values),
    labels: labels ?? {},
    needs: (needs ?? []).map((need) => neededRelease(need, namespace)).filter((id) => id !== undefined),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(kubeContext && { kubeContext }),
    ...(helm !== undefined && { helm }),
    ...(atomic != null && { atomic }),
    // 0 is how helmfile prints that none is set.
    ...(timeout != null && timeout > 0 && { timeout }),
  };
}

/** As helmfile does: `foo.bar.enabled` holds if the environment's values have `true` there. Without one it holds. */
function conditionHolds(condition: string, values: unknown): boolean {
  if (condition === "") return true;
  let found = values;
  for (const key of condition.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return false;
    found = Reflect.get(found, key);
  }
  return found === true;
}

/** `name`, `namespace/name` or `context/namespace/name`; helmfile prints the first only where there is no namespace. */
function neededRelease(need: string, ownNamespace: string): ReleaseId | undefined {
  const parts = need.split("/");
  const name = parts.at(-1) ?? "";
  const namespace = parts.at(-2) ?? ownNamespace;
  if (!isReleaseName(name) || (namespace !== "" && !isNamespaceName(namespace))) return undefined;
  return releaseId(namespace, name);
}

function kubeconfigOf(args: readonly string[]): string | undefined {
  const flag = args.findIndex((arg) => arg === "--kubeconfig" || arg.startsWith("--kubeconfig="));
  const file = args[flag]?.startsWith("--kubeconfig=") ? args[flag].slice(13) : args[flag + 1];
  return flag !== -1 && file !== undefined && isFilePath(file) ? file : undefined;
}

function otherHelm(helmBinary: unknown): string | undefined {
  return typeof helmBinary === "string" && helmBinary !== "helm" && isHelmProgram(helmBinary)
    ? helmBinary
    : undefined;
}

/**
 * The value of one top-level key; undefined where there is none. helmfile prints top-level keys at column 0 and all
 * below them indented, so a key can be cut out: parsing a whole document takes many times as long.
 */
function section(text: string, key: string, wanted?: ReadonlySet<string>): unknown {
  const start = new RegExp(`^${key}:`, "m").exec(text)?.index;
  if (start === undefined) return undefined;
  const rest = text.slice(start);
  const end = rest.search(/\n[A-Za-z]/);
  const cut = end === -1 ? rest : rest.slice(0, end);
  try {
    const parsed = parsePlainYaml(wanted ? withoutOtherKeys(cut, wanted) : cut);
    return typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, key) : undefined;
  } catch {
    // No list and no object, so that the schema refuses it and the message names the section.
    return "not YAML";
  }
}

/** Leaves out what hangs below other keys of a release: values, hooks and secrets are most of what is printed. */
function withoutOtherKeys(text: string, wanted: ReadonlySet<string>): string {
  let isWanted = true;
  return text
    .split("\n")
    .filter((line) => {
      const key = /^ {4}([A-Za-z]+):/.exec(line)?.[1];
      if (key !== undefined) isWanted = wanted.has(key);
      else if (/^ {0,3}\S/.test(line)) isWanted = true;
      return isWanted;
    })
    .join("\n");
}
