import { execa } from "execa";
import type { Step } from "../core/plan/plan.ts";
import { keepAccount, signalGroup } from "./running-programs.ts";
import { nameOnPath, whyNotStarted } from "./why-not-started.ts";

/**
 * Variables of the operator's shell that helmfile never sees. They choose which releases a helmfile names
 * (`RELEASE_NAME`, templates read it), which of them helmfile takes, in which environment, namespace or cluster, or
 * what it prints and asks: all of that is said by arguments, and must be the same in a dry run and in a run.
 */
export const withheldVariables: readonly string[] = [
  "RELEASE_NAME",
  "HELMFILE_ENVIRONMENT",
  "HELMFILE_FILE_PATH",
  "HELMFILE_NAMESPACE",
  "HELMFILE_KUBE_CONTEXT",
  "HELMFILE_EXPERIMENTAL",
  "HELMFILE_INTERACTIVE",
  "HELMFILE_LOG_LEVEL",
  "HELMFILE_DEBUG",
  "HELMFILE_QUIET",
  "HELMFILE_COLOR",
  "HELMFILE_NO_COLOR",
  "HELM_NAMESPACE",
  "HELM_KUBECONTEXT",
  "HELM_KUBEAPISERVER",
  "HELM_KUBETOKEN",
  "HELM_KUBECAFILE",
  "HELM_KUBEASUSER",
  "HELM_KUBEASGROUPS",
];

/**
 * The environment that helmfile runs in: the operator's, without {@link withheldVariables}. helmfile 1.x renders
 * `helmfile.yaml` as a template only when told to; the operators' log gets a line per run, not one per helmfile.
 */
export function helmfileEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return {
    ...withoutWithheld(env),
    HELMFILE_RENDER_YAML: "true",
    SUPPRESS_SAL: "true",
    HELMFILE_UPGRADE_NOTICE_DISABLED: "true",
  };
}

/** The operator's environment, without {@link withheldVariables}. */
export function withoutWithheld(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !withheldVariables.includes(entry[0]),
  );
  return Object.fromEntries(kept);
}

/**
 * The environment of a helmfile that deploys a step, or shows what it would change. helmfile asks the cluster for
 * releases that are not installed without its own `--kubeconfig` argument: `KUBECONFIG` is for that.
 *
 * @param env what {@link helmfileEnvironment} gives
 *
 * @example
 * const env = helmfileEnvironment(process.env);
 * const commands = plan.steps.map((step) => ({ args: step.args, env: stepEnvironment(step, env) }));
 */
export function stepEnvironment(
  { kubeconfig }: Pick<Step, "kubeconfig">,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return kubeconfig === undefined ? env : { ...env, KUBECONFIG: kubeconfig };
}

export interface HelmfileRun {
  /** A name on PATH, or a path. */
  readonly program: string;
  readonly args: readonly string[];
  /** The operator's; helmfile gets {@link helmfileEnvironment} of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** After so many milliseconds helmfile and all that it started are killed. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** How many characters of standard output are kept at most. @default 256 Mi */
  readonly maxOutput?: number;
}

/** How a helmfile that only reads ended. Each kind is something else for the caller to do. */
export type HelmfileAnswer =
  | { readonly kind: "exited"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** Ended by a signal that did not come from here, for example where memory ran out. */
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed-out"; readonly limitMs: number }
  | { readonly kind: "cancelled" }
  | { readonly kind: "printed-too-much"; readonly maxOutput: number }
  | { readonly kind: "not-started"; readonly message: string };

const maxStderr = 16 * 1024 * 1024;

/**
 * Runs a helmfile that changes nothing, and waits for its end. For one that deploys this would be wrong: it kills
 * without asking. helmfile gets a process group of its own, because what hangs is often a child of it, and because
 * `helmfile list` was seen to ignore SIGTERM.
 */
export async function readWithHelmfile(run: HelmfileRun): Promise<HelmfileAnswer> {
  const { program, args, env, limitMs, signal, maxOutput = 256 * 1024 * 1024 } = run;
  if (signal?.aborted) return { kind: "cancelled" };
  const child = execa(program, args, {
    env: helmfileEnvironment(env),
    extendEnv: false,
    stdin: "ignore",
    detached: true,
    cleanup: false,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: { stdout: maxOutput, stderr: maxStderr },
  });
  let ended: HelmfileAnswer | undefined;
  const end = (answer: HelmfileAnswer): void => {
    ended ??= answer;
    signalGroup(child, "SIGKILL");
    // A grandchild in a session of its own may hold the pipes open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => end({ kind: "timed-out", limitMs }), limitMs);
  const cancel = (): void => end({ kind: "cancelled" });
  signal?.addEventListener("abort", cancel, { once: true });
  const forget = keepAccount(child, [program, ...args]);
  try {
    const result = await child;
    if (result.isMaxBuffer) {
      // Only one of the two was full.
      const isStderr = result.stderr.length >= maxStderr;
      end({ kind: "printed-too-much", maxOutput: isStderr ? maxStderr : maxOutput });
    }
    if (ended) return ended;
    if (result.exitCode !== undefined) {
      return { kind: "exited", exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
    }
    if (result.signal !== undefined) return { kind: "signalled", signal: result.signal };
    const other = result.originalMessage ?? result.code ?? "no reason given";
    const message =
      whyNotStarted(program, result.code) ?? `${nameOnPath(program)} could not be started: ${other}`;
    return { kind: "not-started", message };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
    forget();
  }
}
