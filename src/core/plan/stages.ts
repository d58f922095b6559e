import type { Diagnostic } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import { firstOf } from "../common/words.ts";
import type { ClassifiedRelease } from "../registry/classify.ts";
import { type Registry, registryName, type StageEntry } from "../registry/registry.ts";
import type { PlanMode } from "./plan.ts";

/** The stage of each included release, as an index into the stages. */
export interface StagedReleases {
  readonly stages: readonly StageEntry[];
  readonly stageOf: ReadonlyMap<ClassifiedRelease, number>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Outside a restore everything is one stage; in a restore each release goes to the first stage that matches it. */
export function assignStages(
  included: readonly ClassifiedRelease[],
  { mode, registry }: { mode: PlanMode; registry: Registry },
): StagedReleases {
  if (mode === "apply") {
    const place = { file: registry.file, line: 1, column: 1, length: 1, text: "" };
    const only: StageEntry = { name: "apply", gate: "none", place };
    return { stages: [only], stageOf: new Map(included.map((release) => [release, 0])), diagnostics: [] };
  }
  const stageOf = new Map<ClassifiedRelease, number>();
  const strays: ClassifiedRelease[] = [];
  for (const classified of included) {
    const at = registry.stages.findIndex((stage) => stageTakes(stage, classified));
    if (at === -1) strays.push(classified);
    else stageOf.set(classified, at);
  }
  return {
    stages: registry.stages,
    stageOf,
    diagnostics: strays.length === 0 ? [] : [noStage(strays, registry)],
  };
}

/** Whether all keys of the stage match the release. */
function stageTakes(stage: StageEntry, { release, class: releaseClass }: ClassifiedRelease): boolean {
  return (
    (stage.releases === undefined || matchesAny(stage.releases, release.id)) &&
    (stage.class === undefined || stage.class === releaseClass) &&
    (stage.services === undefined || matchesAny(stage.services, release.service))
  );
}

function noStage(strays: readonly ClassifiedRelease[], registry: Registry): Diagnostic {
  const names = strays.map(({ release, class: releaseClass }) => `${release.id} (${releaseClass})`);
  const classes = [...new Set(strays.map((stray) => stray.class))];
  return {
    severity: "error",
    code: "no-stage",
    message: `no stage of the restore takes ${firstOf(names, 10)}`,
    expected: "a stage for every release that is deployed",
    remedy: [
      `add to stages: in ${registryName(registry)}:`,
      ...classes.map((releaseClass) => `  - { name: ${releaseClass}, class: ${releaseClass} }`),
    ].join("\n"),
  };
}
