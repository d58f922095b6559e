import * as z from "../common/zod.ts";
import { renderedEnvironmentSchema } from "../manifests/rendered-schema.ts";
import { planSchema } from "../plan/plan.ts";
import { preflightReportSchema } from "../preflight/preflight-report.ts";
import { treeSchema } from "../tree/tree-schema.ts";
import { requestSchemas } from "./hook-requests.ts";
import { answerSchemas, diagnosticSchema, type HookName } from "./hooks.ts";

/** What the host asks by each hook. */
const questions: Readonly<Record<HookName, string>> = {
  "releases:classify": "Whose is each release of the tree?",
  "rollout:plan": "What is to run, and in what order?",
  "stage:before": "May the stage begin?",
  "stage:after": "Is the gate open?",
  "rollout:preflight": "May these releases be deployed in this environment?",
  "tree:check": "Do registry, trees, manifests and the deploying tool's own list agree?",
  "rollout:finish": "What is to be told at the end?",
};

/** What the keys of requests and answers mean, the same in all of them. */
const meanings: Readonly<Record<string, string>> = {
  version: "The version of the hook contracts",
  tree: "What helmfile lists in one environment: as the hooks have it in process, or as `charlie-mediawiki inventory` writes it",
  trees: "One for each environment that was read",
  flags: "The plugin's flags that were given, by name without dashes",
  mode: "apply changes what is there; restore fills an empty cluster stage by stage",
  servicesDir: "The folder that the helmfiles' paths are relative to",
  selection: "What the operator chose: globs of services, all where `service` is empty",
  plan: "What will run and in what order; docs/json.md has its keys. In an answer without one, the diagnostics say why",
  stage: "The name of a stage of the plan",
  gate: "The id of a gate of the plan, which is of that stage",
  outcomes: "How each step ended, by its id; one that is missing has not ended",
  commands: "How the stages' own commands ended, by the name of the stage",
  waitedSeconds: "How long the gate has been waited for since it was asked about first",
  environment: "The cluster, as helmfile names it",
  targets: "The releases that are to be deployed; all of the environment without these and `deployments`",
  deployments: "The deploying tool's own list of what it deploys, as it is written",
  cluster: "Whether it may look at the clusters what is deployed",
  allEnvironments: "Whether these are all environments that there are",
  rendered: "What the charts of environments rendered to",
  releases: "In the tree's order",
  diagnostics: "Faults of what was asked about; with an error among them the host goes no further",
  report: "docs/json.md has its keys. Without one, the diagnostics say why",
  findings: "docs/json.md has their keys",
  notes: "Shown to the operator below the summary",
  proceed: "Whether the stage may begin",
  open: "Whether what the gate holds may begin",
  reason: "Why, in words for people",
  againInSeconds: "The gate may open yet: to be asked again after so many seconds",
};

/**
 * The JSON Schemas of what is asked and answered over stdio, by the names of their files. Draft 7, as the registry's: what
 * validators know best. What spans several values (a gate that the plan does not have) a schema cannot say.
 */
export function hookJsonSchemas(): Readonly<Record<string, object>> {
  const words = wordsForSchemas();
  const schemas: [string, object][] = Object.keys(questions).flatMap((name) => {
    const hook = name as HookName;
    const file = hook.replace(":", "-");
    return [
      [`${file}.request.json`, write(requestSchemas[hook], "input", `Request of the hook ${hook}`)],
      [`${file}.answer.json`, write(answerSchemas[hook], "output", `Answer to the hook ${hook}`)],
    ];

    function write(schema: z.ZodMiniType, io: "input" | "output", title: string): object {
      const written = z.toJSONSchema(schema, { target: "draft-7", io, metadata: words });
      return { ...written, title, description: questions[hook] };
    }
  });
  return Object.fromEntries(schemas);
}

/** Kept apart from the schemas: building them must cost no more than what parsing needs. */
function wordsForSchemas() {
  const words = z.registry<{ id?: string; description?: string }>();
  const named = {
    tree: treeSchema,
    plan: planSchema,
    report: preflightReportSchema,
    diagnostic: diagnosticSchema,
    rendered: renderedEnvironmentSchema,
  };
  for (const [id, schema] of Object.entries(named)) words.add(schema, { id });
  for (const { shape } of [...Object.values(requestSchemas), ...Object.values(answerSchemas)]) {
    for (const [key, schema] of Object.entries(shape)) {
      const description = meanings[key];
      if (description !== undefined) words.add(schema, { ...words.get(schema), description });
    }
  }
  return words;
}
