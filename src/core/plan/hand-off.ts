import type { Diagnostic } from "../common/diagnostic.ts";
import { namespaceOfService, type UnreadableService } from "../common/release.ts";
import { counted } from "../common/words.ts";
import type { Classification, ClassifiedRelease } from "../registry/classify.ts";
import { isNamedAtRunTime, type Registry, type StageEntry } from "../registry/registry.ts";
import { remedyForMissing, requiredSupport } from "../registry/required-support.ts";
import type { SelectedServices } from "../tree/selection.ts";
import type { PlanOptions } from "./plan-options.ts";

interface Context {
  readonly registry: Registry;
  readonly unreadable: readonly UnreadableService[];
  readonly classification: Classification;
  readonly selected: SelectedServices;
  readonly options: PlanOptions;
}

/**
 * The stages that are carried out by their command, as indices. A stage's command deploys MediaWiki, all of it: it
 * runs unless this rollout does that, unless there is no MediaWiki to deploy, and unless a support release is left
 * out by a flag, as then not every one of them will have succeeded.
 */
export function findCommandStages(
  stages: readonly StageEntry[],
  context: Context,
): { readonly commands: readonly number[]; readonly diagnostics: readonly Diagnostic[] } {
  const { classification, selected, options } = context;
  const none = { commands: [], diagnostics: [] };
  if (options.supportOnly || options.withMediawiki) return none;
  const commands = stages.flatMap((stage, at) => (stage.run ? [at] : []));
  const installed = classification.releases.filter(({ release }) => release.installed);
  const isLeftOut = ({ release }: ClassifiedRelease) => selected.leftOut.has(release.service);
  if (commands.length === 0 || !installed.some((one) => one.class === "mediawiki" && !isLeftOut(one)))
    return none;
  const names = [
    ...installed.filter((one) => one.class === "support" && isLeftOut(one)).map(({ release }) => release.id),
    ...unreadSupport(context),
  ];
  if (names.length === 0) return { commands, diagnostics: [] };
  const command = stages.find((stage) => stage.run)?.run?.[0] ?? "";
  return {
    commands: [],
    diagnostics: [
      {
        severity: "warning",
        code: "hand-off-withheld",
        message: `MediaWiki will not be handed to ${command}: this restore leaves out ${counted(names.length, "support release")} that it needs (${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""})`,
        remedy: `restore them too, or run ${command} yourself once they are in place`,
      },
    ],
  };
}

/** Support that the registry requires in services that could not be read: nobody knows whether it is there. */
function unreadSupport({ registry, unreadable, selected, classification }: Context): string[] {
  return unreadable
    .filter(({ service }) => selected.leftOut.has(service))
    .flatMap(({ service }) =>
      requiredSupport(namespaceOfService(service), {
        registry,
        environment: classification.environment,
      }).map(({ release }) => release),
    );
}

/**
 * Support releases that the registry requires here, in the namespaces of MediaWiki that this rollout deploys or
 * hands off, and that no helmfile installs: MediaWiki would start without what they provide.
 */
export function findMissingSupport({ registry, classification, selected }: Context): Diagnostic[] {
  const installed = classification.releases.filter(({ release }) => release.installed);
  const { environment } = classification;
  const namespaces = new Set(
    installed
      .filter((one) => one.class === "mediawiki" && !selected.leftOut.has(one.release.service))
      .map(({ release }) => release.namespace),
  );
  return [...namespaces].flatMap((namespace) =>
    requiredSupport(namespace, { registry, environment, classification })
      .filter((required) => required.installed === false)
      .map(
        ({ release, place }): Diagnostic => ({
          severity: "warning",
          code: "missing-support",
          message: `MediaWiki in ${namespace} needs ${release}, which no helmfile installs in ${environment}`,
          ...(place ? { place } : {}),
          remedy: remedyForMissing(release, {
            registry,
            installed: installed.map((one) => one.release.id),
          }),
        }),
      ),
  );
}

/**
 * What a stage's command deploys: every release of MediaWiki that belongs here, and `namespace/*` for a namespace of
 * MediaWiki that the tree has, and whose releases have their names only when they are deployed.
 */
export function releasesHandedOver({ releases }: Classification, registry: Registry): string[] {
  const installed = releases.filter(({ release }) => release.installed);
  const named = installed.filter((one) => one.class === "mediawiki").map(({ release }) => release);
  const having = new Set(named.map(({ namespace }) => namespace));
  const unnamed = [...registry.namespaces.keys()]
    .filter((name) => isNamedAtRunTime(name, registry))
    .filter((name) => !having.has(name) && installed.some(({ release }) => release.namespace === name));
  return [...named.map(({ id }) => id), ...unnamed.map((namespace) => `${namespace}/*`)];
}
