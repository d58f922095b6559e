import { releaseClasses } from "../common/release.ts";
import * as z from "../common/zod.ts";
import { anyRelease, emptyRegistry } from "./registry.ts";

// The message of every schema here says what is expected, in words that complete "expected: …".
// What is really there, and where, is added by registry-schema-faults.ts. It also reads these messages, as data: the words of
// "one of a, b", and whether there is a "for example [", that is to say a list.

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

/** What editors show of this schema, and of no other that it is used in: it goes into the JSON Schema. */
function described<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  z.globalRegistry.add(schema, { description });
  return schema;
}

function word(expected: string) {
  return z.string(expected).check(z.minLength(1, expected));
}

function listOf<Element extends z.ZodMiniType>(element: Element, expected: string) {
  return z.array(element, expected).check(z.minLength(1, expected));
}

const globs = (what: string, example: string) => {
  const expected = `a glob of ${what}, for example "${example}", or a list of such globs`;
  const glob = word(expected);
  return described(
    z.union([glob, listOf(glob, expected)], expected),
    `Globs of ${what}; it holds if one of them matches`,
  );
};

const globList = (what: string, example: string) => {
  const expected = `a list of globs of ${what}, for example ["${example}"]`;
  return listOf(word(expected), expected);
};

const releaseClass = described(
  z.enum(releaseClasses, oneOf(releaseClasses)),
  "support: others in the namespace need it first. mediawiki: scap deploys it. other: deployed by charlie.",
);

const rule = described(
  mapOf({
    match: mapOf({
      chart: z.optional(globs("charts, without what comes before the last slash", "statsd-exporter")),
      namespace: z.optional(globs("namespaces", "mw-*")),
      release: z.optional(globs("names of releases", "prometheus")),
      service: z.optional(globs("services, which are directories with a helmfile", "mw-*")),
    }).register(z.globalRegistry, {
      description: "All keys must hold; at least one is needed",
      minProperties: 1,
    }),
    class: releaseClass,
  }),
  "Classifies releases that no namespace entry names. The first rule that matches wins.",
);

const memberText = "the name of a release, or { release, environments }";
const elementText = `${memberText}, or a list of these, which may go side by side`;
const memberName = word(memberText);
const limitedMember = mapOf({
  release: described(word(memberText), 'The name of a release, or "*"'),
  environments: described(
    z.optional(globList("environments", "codfw")),
    "Where the release is required; everywhere if left out. Its class and its order are the same everywhere: in other and sequence this does nothing.",
  ),
});
const member = z.union([memberName, limitedMember], memberText);
const wave = z.array(member, elementText).check(z.minLength(1, "at least one release in an inner list"));
const order =
  "A list is an order: each waits for the one before it. The releases of an inner list may go side by side.";

function sequence(expected: string) {
  return z.array(z.union([memberName, limitedMember, wave], elementText), expected);
}

function classMembers(description: string) {
  const expected = '"*" or a list of releases, for example [prometheus]';
  return described(
    z.optional(z.union([z.literal(anyRelease, expected), sequence(expected)], expected)),
    `${description} "*" stands for every name that is not named elsewhere in the entry. ${order}`,
  );
}

const namespace = described(
  mapOf({
    support: classMembers("The releases that others in the namespace need first."),
    mediawiki: classMembers("The releases of MediaWiki, which scap deploys."),
    other: classMembers("All other releases, where a rule would take them for something else."),
    sequence: described(
      z.optional(sequence("a list of releases, for example [canary, production]")),
      `An order among releases of any class; it says nothing about their class. ${order}`,
    ),
  }),
  "One namespace: the class of its releases, and their order",
);

const provided = mapOf({
  provides: described(
    z.array(
      z.string('the text service/NAME, for example "service/statsd-exporter-prometheus"'),
      "a list, for example [service/statsd-exporter-prometheus]",
    ),
    "service/NAME of each Kubernetes Service that the release brings",
  ),
});

const stage = described(
  mapOf({
    name: described(z.string('a name of lower-case letters, digits and "-"'), "What the operator sees"),
    releases: described(
      z.optional(globList("NAMESPACE/RELEASE", "mw-mcrouter/main")),
      "Globs of NAMESPACE/RELEASE",
    ),
    class: z.optional(releaseClass),
    services: described(z.optional(globList("services", "thumbor")), "Globs of services"),
    gate: described(
      z.optional(z.literal("wait", oneOf(["wait"]))),
      "wait: what the gate holds waits until what the stage brings is really there",
    ),
    run: described(
      command('for example [scap, sync-world, "-Dk8s_clusters:{environment}"]'),
      "A command that carries out the last stage, of class mediawiki. {environment} is filled in.",
    ),
  }),
  "A release goes to the first stage all of whose keys match it",
);

function command(example: string) {
  const argument = word("a text; put it in quotes if it looks like a number");
  return z.optional(listOf(argument, `a program and its arguments as a list, ${example}`));
}

function template(example: string, description: string) {
  return described(z.optional(word(`a path, for example "${example}"`)), description);
}

function absolutePath(example: string, description: string) {
  const expected = `an absolute path without placeholders, for example "${example}"`;
  const path = z.string(expected).check(z.regex(/^\/[^{}]*$/, expected));
  return described(z.optional(path), description);
}

function seconds(least: number, most: number) {
  const expected = `a number of seconds from ${least} to ${most}`;
  return z.optional(z.number(expected).check(z.minimum(least, expected), z.maximum(most, expected)));
}

/** `registry.yaml` as it is written. What spans several values (names, orders, duplicates) is checked elsewhere. */
export const registryFileSchema = mapOf({
  version: described(
    z.literal(1, "the number 1, the one version of the format"),
    "The version of the format",
  ),
  rules: described(
    z.optional(z.array(rule, "a list of rules, each with match and class")),
    "For releases that no namespace entry names, in order: the first that matches wins",
  ),
  namespaces: described(
    z.optional(z.record(z.string(), namespace, "a map of namespaces, each with its releases")),
    "By the name of the namespace: the class of its releases, and their order",
  ),
  services: described(
    z.optional(z.record(z.string(), provided, "a map of releases, each with what it provides")),
    "What support releases provide, by RELEASE or by NAMESPACE/RELEASE, which beats it",
  ),
  kubeconfig: template(
    "/etc/kubernetes/{namespace}-deploy-{environment}.config",
    "The kubeconfig that deploys. {namespace} and {environment} are filled in.",
  ),
  readKubeconfig: template(
    "/etc/kubernetes/{namespace}-{environment}.config",
    "A kubeconfig that may read all namespaces; kubeconfig if left out. {namespace} and {environment} are filled in.",
  ),
  systemNamespaces: described(
    z.optional(
      z
        .array(
          word("the name of a namespace, for example kube-system"),
          "a list of namespaces, for example [default, kube-system]",
        )
        .check(z.minLength(1, "at least one namespace")),
    ),
    "A cluster whose only pods are in these namespaces is wiped; charlie's list if left out",
  ),
  settleSeconds: described(
    seconds(0, 600),
    `How long a Service must have been there before a gate relies on its variables; ${emptyRegistry.settleSeconds} if left out`,
  ),
  gateSeconds: described(
    seconds(1, 86_400),
    `How long a gate waits for what is to be there; ${emptyRegistry.gateSeconds} if left out`,
  ),
  stages: described(
    z.optional(z.array(stage, "a list of stages, each with a name")),
    "The full restore of a cluster, in order",
  ),
  log: described(
    command('for example [helmfile_log_sal, "{message}"]'),
    "The operator's log command, run at the start and at the end. {message} and {environment} are filled in.",
  ),
  lockFolder: absolutePath(
    "/run/lock/charlie-mediawiki",
    "Where the users of a host see each other's rollouts: made if it is missing, its parent is not. If left out, they do not.",
  ),
});
