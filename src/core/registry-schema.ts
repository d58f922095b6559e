import * as z from "zod";
import { releaseClasses } from "./release.ts";

// The message of every schema here says what is expected, in words that complete "expected: …".
// What is really there, and where, is added by registry-faults.ts.

function oneOf(words: readonly string[]): string {
  return `${words.length === 1 ? "only" : "one of"} ${words.join(", ")}`;
}

/** The words that an expectation allows, so that the nearest can be named; none where it is of another kind. */
export function allowedWords(expected: string): readonly string[] {
  return /^(?:only|one of) (.+)$/.exec(expected)?.[1]?.split(", ") ?? [];
}

function mapOf<Shape extends z.core.$ZodShape>(shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? oneOf(keys) : `a map with the keys ${keys.join(", ")}`,
  });
}

const globs = (what: string, example: string) => {
  const expected = `a glob of ${what}, for example "${example}", or a list of such globs`;
  const glob = z.string({ error: expected }).min(1, { error: expected });
  const several = z.array(glob, { error: expected }).min(1, { error: expected });
  return z
    .union([glob, several], { error: expected })
    .describe(`Globs of ${what}; it holds if one of them matches`);
};

const globList = (what: string, example: string) => {
  const expected = `a list of globs of ${what}, for example ["${example}"]`;
  return z
    .array(z.string({ error: expected }).min(1, { error: expected }), { error: expected })
    .min(1, { error: expected });
};

const releaseClass = z.enum(releaseClasses, { error: oneOf(releaseClasses) }).meta({
  description:
    "support: others in the namespace need it first. mediawiki: scap deploys it. other: deployed by charlie.",
});

const rule = mapOf({
  match: mapOf({
    chart: globs("charts, without what comes before the last slash", "statsd-exporter").optional(),
    namespace: globs("namespaces", "mw-*").optional(),
    release: globs("names of releases", "prometheus").optional(),
    service: globs("services, which are directories with a helmfile", "mw-*").optional(),
  }).meta({ description: "All keys must hold; at least one is needed", minProperties: 1 }),
  class: releaseClass,
}).describe("Classifies releases that no namespace entry names. The first rule that matches wins.");

const memberText = "the name of a release, or { release, environments }";
const elementText = `${memberText}, or a list of these, which may go side by side`;
const memberName = z.string({ error: memberText }).min(1, { error: memberText });
const limitedMember = mapOf({
  release: memberName.describe('The name of a release, or "*"'),
  environments: globList("environments", "codfw")
    .optional()
    .describe("Where the release is required; everywhere if left out. Its class is the same everywhere."),
});
const member = z.union([memberName, limitedMember], { error: memberText });
const wave = z
  .array(member, { error: elementText })
  .min(1, { error: "at least one release in an inner list" });
const order =
  "A list is an order: each waits for the one before it. The releases of an inner list may go side by side.";

function sequence(expected: string) {
  return z.array(z.union([memberName, limitedMember, wave], { error: elementText }), { error: expected });
}

function classMembers(description: string) {
  const expected = '"*" or a list of releases, for example [prometheus]';
  return z
    .union([z.literal("*", { error: expected }), sequence(expected)], { error: expected })
    .optional()
    .describe(`${description} "*" stands for every name that is not named elsewhere in the entry. ${order}`);
}

const namespace = mapOf({
  support: classMembers("The releases that others in the namespace need first."),
  mediawiki: classMembers("The releases of MediaWiki, which scap deploys."),
  other: classMembers("All other releases, where a rule would take them for something else."),
  sequence: sequence("a list of releases, for example [canary, production]")
    .optional()
    .describe(`An order among releases of any class; it says nothing about their class. ${order}`),
}).describe("One namespace: the class of its releases, and their order");

const provided = mapOf({
  provides: z
    .array(z.string({ error: 'the text service/NAME, for example "service/statsd-exporter-prometheus"' }), {
      error: "a list, for example [service/statsd-exporter-prometheus]",
    })
    .describe("service/NAME of each Kubernetes Service that the release brings"),
});

const stage = mapOf({
  name: z
    .string({ error: 'a name of lower-case letters, digits and "-"' })
    .describe("What the operator sees"),
  releases: globList("NAMESPACE/RELEASE", "mw-mcrouter/main")
    .optional()
    .describe("Globs of NAMESPACE/RELEASE"),
  class: releaseClass.optional(),
  services: globList("services", "thumbor").optional().describe("Globs of services"),
  gate: z
    .literal("wait", { error: oneOf(["wait"]) })
    .optional()
    .describe("wait: what the gate holds waits until what the stage brings is really there"),
  run: command('for example [scap, sync-world, "-Dk8s_clusters:{environment}"]')
    .optional()
    .describe("A command that carries out the last stage, of class mediawiki. {environment} is filled in."),
}).describe("A release goes to the first stage all of whose keys match it");

function command(example: string) {
  const expected = `a program and its arguments as a list, ${example}`;
  const argument = "a text; put it in quotes if it looks like a number";
  return z
    .array(z.string({ error: argument }).min(1, { error: argument }), { error: expected })
    .min(1, { error: expected });
}

function template(example: string, description: string) {
  const expected = `a path, for example "${example}"`;
  return z.string({ error: expected }).min(1, { error: expected }).optional().describe(description);
}

function absolutePath(example: string, description: string) {
  const expected = `an absolute path without placeholders, for example "${example}"`;
  return z
    .string({ error: expected })
    .regex(/^\/[^{}]*$/, { error: expected })
    .optional()
    .describe(description);
}

const namespaceText = "the name of a namespace, for example kube-system";

function seconds(least: number, most: number) {
  const expected = `a number of seconds from ${least} to ${most}`;
  return z
    .number({ error: expected })
    .min(least, { error: expected })
    .max(most, { error: expected })
    .optional();
}

/** `registry.yaml` as it is written. What spans several values (names, orders, duplicates) is checked elsewhere. */
export const registryFileSchema = mapOf({
  version: z
    .literal(1, { error: "the number 1, the one version of the format" })
    .describe("The version of the format"),
  rules: z
    .array(rule, { error: "a list of rules, each with match and class" })
    .optional()
    .describe("For releases that no namespace entry names, in order: the first that matches wins"),
  namespaces: z
    .record(z.string(), namespace, { error: "a map of namespaces, each with its releases" })
    .optional()
    .describe("By the name of the namespace: the class of its releases, and their order"),
  services: z
    .record(z.string(), provided, { error: "a map of releases, each with what it provides" })
    .optional()
    .describe("What support releases provide, by RELEASE or by NAMESPACE/RELEASE, which beats it"),
  kubeconfig: template(
    "/etc/kubernetes/{namespace}-deploy-{environment}.config",
    "The kubeconfig that deploys. {namespace} and {environment} are filled in.",
  ),
  readKubeconfig: template(
    "/etc/kubernetes/{namespace}-{environment}.config",
    "A kubeconfig that may read all namespaces; kubeconfig if left out. {namespace} and {environment} are filled in.",
  ),
  systemNamespaces: z
    .array(z.string({ error: namespaceText }).min(1, { error: namespaceText }), {
      error: "a list of namespaces, for example [default, kube-system]",
    })
    .min(1, { error: "at least one namespace" })
    .optional()
    .describe("A cluster whose only pods are in these namespaces is wiped; charlie's list if left out"),
  settleSeconds: seconds(0, 600).describe(
    "How long a Service must have been there before a gate relies on its variables; 5 if left out",
  ),
  gateSeconds: seconds(1, 86_400).describe("How long a gate waits for what is to be there; 300 if left out"),
  stages: z
    .array(stage, { error: "a list of stages, each with a name" })
    .optional()
    .describe("The full restore of a cluster, in order"),
  log: command('for example [helmfile_log_sal, "{message}"]')
    .optional()
    .describe(
      "The operator's log command, run at the start and at the end. {message} and {environment} are filled in.",
    ),
  lockFolder: absolutePath(
    "/run/lock/charlie-mediawiki",
    "Where the users of a host see each other's rollouts: made if it is missing, its parent is not. If left out, they do not.",
  ),
});
