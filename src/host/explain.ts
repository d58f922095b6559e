import type { Release, Tree } from "../core/common/release.ts";
import { type Elsewhere, type Explanation, explain as explainRelease } from "../core/explain/explain.ts";
import { findSubject, type Subject } from "../core/explain/explained-subject.ts";
import { renderElsewhere, renderExplanation } from "../core/explain/render-explanation.ts";
import { stepOfRelease } from "../core/plan/plan.ts";
import { loadEnvironments } from "../io/environments.ts";
import { findServices } from "../io/services.ts";
import { askForPlan } from "./ask-for-plan.ts";
import { type ExitCode, exitCodes, Refusal } from "./settings.ts";
import { durationsOf } from "./show-plan.ts";
import { type ExplainVerbContext, waysToInclude } from "./ways-to-include.ts";

interface Asked {
  readonly tree: Tree;
  readonly subject: Subject;
}

/** The verb `explain`: what is known about a release, a service or a namespace, in each environment that has it. */
export async function explain(trees: AsyncIterable<Tree>, context: ExplainVerbContext): Promise<ExitCode> {
  const { settings, terminal, interruption } = context;
  const word = settings.subject ?? "";
  const asked: Asked[] = [];
  for await (const tree of trees) asked.push({ tree, subject: findSubject(word, tree) });
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (isUnknown(word, asked)) throw nobodyKnows(word, asked);
  let exitCode: ExitCode = exitCodes.done;
  let answers = 0;
  // A blank line between two environments, for people.
  const apart = () => {
    if (answers > 0 && settings.output !== "json") terminal.answer("");
    answers += 1;
  };
  for (const { tree, subject } of asked) {
    switch (subject.kind) {
      case "releases":
        apart();
        await answer(subject.releases, tree, { ...context, asked });
        break;
      case "absent":
        apart();
        await answerAbsent(subject.service, tree, { ...context, asked });
        break;
      case "unreadable": {
        const where = `the service ${subject.service} could not be read in ${tree.environment}`;
        terminal.tell(`${where}: ${subject.message}`);
        exitCode = exitCodes.unknown;
        break;
      }
      case "unknown":
        terminal.tell(`in ${tree.environment} nothing is called ${word}`);
    }
  }
  return exitCode;
}

/**
 * Whether nothing is called so where it was looked for. That a release is not there says nothing where its whole service is
 * absent, but if no environment that has the service has the release, there is none.
 */
function isUnknown(word: string, asked: readonly Asked[]): boolean {
  const missing = asked.filter(({ subject }) => subject.kind === "unknown");
  const isNoHint = ({ subject }: Asked) => subject.kind === "absent" && subject.service !== word;
  return (
    (missing.length > 0 || asked.length === 0) &&
    asked.every((one) => one.subject.kind === "unknown" || isNoHint(one))
  );
}

function nobodyKnows(word: string, asked: readonly Asked[]): Refusal {
  const hints = asked.flatMap(({ subject }) => (subject.kind === "unknown" ? (subject.hint ?? []) : []));
  const environments = asked.map(({ tree }) => tree.environment).join(", ");
  const hint = hints[0] ?? "`list` has all releases";
  return new Refusal(
    `there is no release, service or namespace "${word}" in ${environments}: ${hint}`,
    exitCodes.usage,
  );
}

async function answer(
  releases: readonly Release[],
  tree: Tree,
  context: ExplainVerbContext & { readonly asked: readonly Asked[] },
): Promise<void> {
  const { plugin, settings, terminal, verb } = context;
  // Flags that narrow a rollout narrow the answer of this hook too, and every release has a class.
  const { releases: classified } = await plugin.ask("releases:classify", { version: 1, tree, flags: {} });
  const plan = await planOrReason(tree, context);
  const expected = plan.ok ? (await durationsOf(plan.value, tree, context)).durations : undefined;
  const explanations: Explanation[] = [];
  for (const release of releases) {
    const elsewhere = await elsewhereOf(release, tree, context);
    const wouldBeIncluded =
      plan.ok && release.installed && !stepOfRelease(plan.value, release)
        ? await waysToInclude(release, tree, context)
        : [];
    explanations.push(
      explainRelease(release, {
        tree,
        classified,
        plan,
        wouldBeIncluded,
        ...(expected ? { expected } : {}),
        ...(elsewhere ? { elsewhere } : {}),
      }),
    );
  }
  const { environment } = tree;
  if (settings.output === "json") {
    const { subject } = settings;
    terminal.answer(
      JSON.stringify({ version: 1, environment, mode: verb.mode, subject, releases: explanations }),
    );
  } else {
    const about = { environment, mode: verb.mode };
    terminal.answer(explanations.map((one) => renderExplanation(one, about)).join("\n\n"));
  }
}

/** What stands in the way of a plan belongs to the explanation, and does not end it. */
async function planOrReason(tree: Tree, context: ExplainVerbContext) {
  try {
    // Warnings about all the rest of the rollout are not what was asked for.
    const terminal = { ...context.terminal, tell: () => {} };
    return {
      ok: true,
      value: await askForPlan(tree, context.verb.mode, { ...context, terminal }),
    } as const;
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, failure: error.message } as const;
    throw error;
  }
}

/** Where else it belongs to: by what was read; of one that does not belong here also by its helmfile's text. */
async function elsewhereOf(
  release: Release,
  tree: Tree,
  context: ExplainVerbContext & { readonly asked: readonly Asked[] },
): Promise<Elsewhere | undefined> {
  const { asked } = context;
  if (asked.length < 2)
    return release.installed ? undefined : environmentsNamedBy(release.service, tree, context);
  const having = asked.filter(
    ({ tree: other, subject }) =>
      other !== tree &&
      subject.kind === "releases" &&
      subject.releases.some(({ id, installed }) => id === release.id && installed),
  );
  return byReading(having);
}

function byReading(having: readonly Asked[]): Elsewhere {
  return { environments: having.map(({ tree }) => tree.environment), by: "reading" };
}

async function environmentsNamedBy(
  service: string,
  { environment }: Tree,
  { settings }: ExplainVerbContext,
): Promise<Elsewhere | undefined> {
  if (settings.inventory !== undefined) return undefined;
  const found = await findServices(settings.servicesDir);
  const services = found.ok ? found.value.services.filter(({ name }) => name === service) : [];
  const { names } = await loadEnvironments(services.map(({ path }) => path));
  return { environments: names.filter((name) => name !== environment), by: "helmfile" };
}

async function answerAbsent(
  service: string,
  tree: Tree,
  context: ExplainVerbContext & { readonly asked: readonly Asked[] },
): Promise<void> {
  const { settings, terminal, verb, asked } = context;
  const { environment } = tree;
  const having = asked.filter(({ subject }) => subject.kind === "releases");
  const elsewhere = asked.length < 2 ? await environmentsNamedBy(service, tree, context) : byReading(having);
  if (settings.output === "json") {
    const about = { version: 1, environment, mode: verb.mode, subject: settings.subject };
    terminal.answer(JSON.stringify({ ...about, ...(elsewhere ? { elsewhere } : {}), releases: [] }));
  } else {
    terminal.answer(`the service ${service} has nothing in ${environment}${renderElsewhere(elsewhere)}`);
  }
}
