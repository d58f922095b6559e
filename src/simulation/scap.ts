import { chartName, type ReleaseId, type Tree } from "../core/common/release.ts";
import type { ProgramResult, RunContext } from "../core/rollout/backend.ts";
import type { World } from "./cluster.ts";
import { type HelmfileCall, runHelmfile } from "./helmfile.ts";
import { keepLast } from "./last-lines.ts";
import { clockTime } from "./render-time.ts";

/** The part of scap's deployment that ends before the next begins. */
export interface ScapStage {
  readonly name: "canaries" | "production";
  readonly releases: readonly ReleaseId[];
}

/** The releases that scap deploys by itself: those of the chart `mediawiki` that belong to the environment. */
export function mediawikiReleasesOf(tree: Tree): readonly ReleaseId[] {
  return tree.services
    .flatMap(({ releases }) => releases)
    .filter(({ chart, installed }) => installed && chartName(chart) === "mediawiki")
    .map(({ id }) => id);
}

/** scap's stages for these releases; canaries are told by their name. */
export function scapStages(releases: readonly ReleaseId[]): readonly ScapStage[] {
  const isCanary = (id: ReleaseId): boolean => /[-/]canary$/.test(id);
  const stages: readonly ScapStage[] = [
    { name: "canaries", releases: releases.filter(isCanary) },
    { name: "production", releases: releases.filter((id) => !isCanary(id)) },
  ];
  return stages.filter((stage) => stage.releases.length > 0);
}

/**
 * What scap does on Kubernetes: it deploys releases by name, each with a helmfile of its own, stage by stage and side
 * by side within a stage. A stage that fails is the last one; it knows no other releases, so it misses what they
 * would provide.
 */
export async function runScap(
  command: readonly string[],
  context: RunContext,
  world: World,
  releases: readonly ReleaseId[],
): Promise<ProgramResult> {
  const { output, lines } = keepLast(context.output);
  const verb = command[1] ?? command[0] ?? "scap";
  for (const stage of scapStages(releases)) {
    const began = world.clock.now();
    output(`Started sync-${stage.name}-k8s`);
    const results = await Promise.all(
      stage.releases.map(async (id) => ({ id, result: await deployByName(id, context.signal, world) })),
    );
    output(`Finished sync-${stage.name}-k8s (duration: ${clockTime(world.clock.now() - began)})`);
    const failed = results.filter(({ result }) => !result.ok);
    if (failed.length === 0) continue;
    output(`K8s deployment to stage ${stage.name} failed: K8s Deployment had the following errors:`);
    for (const { id, result } of failed) {
      output(
        `${world.cluster.tree.environment}: Deployment of ${id.replace("/", "-")} failed: ${reasonOf(result)}`,
      );
    }
    output("No known prior state to roll back to");
    output(`${verb} failed in stage ${stage.name}: ${failed.map(({ id }) => id).join(", ")}`);
    return {
      ok: false,
      failure: failureOf(
        failed.map(({ result }) => result),
        lines(),
      ),
    };
  }
  output(`Finished ${verb}`);
  return { ok: true };
}

async function deployByName(id: ReleaseId, signal: AbortSignal, world: World): Promise<ProgramResult> {
  // scap itself removes what an earlier crash left behind.
  if (world.cluster.status(id) === "pending-install") await world.cluster.uninstall(id);
  const call: HelmfileCall = { service: "", helmfile: "helmfile.yaml", releases: [id], action: "apply" };
  return await runHelmfile(call, { signal, output: () => {} }, world);
}

/** Stopped from outside is not the same as failed: then the signal is the reason. */
function failureOf(results: readonly ProgramResult[], lastLines: readonly string[]) {
  for (const result of results) {
    if (!result.ok && result.failure.kind === "signal") return { ...result.failure, lastLines };
  }
  return { kind: "exit", exitCode: 1, lastLines } as const;
}

function reasonOf(result: ProgramResult): string {
  if (result.ok) return "";
  const { failure } = result;
  if ("message" in failure) return failure.message;
  return failure.lastLines.findLast((line) => line.trim() !== "")?.trim() ?? "no output";
}
