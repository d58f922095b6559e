import { describe, expect, it } from "vitest";
import type { ServiceFacts } from "../../src/core/cluster/cluster-reader.ts";
import { fail, ok } from "../../src/core/common/result.ts";
import { judgeLack, type ServiceOrigins } from "../../src/core/evidence/lack-verdict.ts";
import {
  type ConfigMapFacts,
  lackingVariables,
  variablesReadBy,
} from "../../src/core/evidence/missing-variables.ts";
import { mentionsIn } from "../../src/core/manifests/variable-mention.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { containerFacts, throttled } from "../support/watched-cluster.ts";

const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";
const service = "statsd-exporter-prometheus";
const startedAt = 100_000;

function configMap(variables: readonly string[], keys: readonly string[] = []): ConfigMapFacts {
  return { keys, mentions: variables.map((name) => ({ variable: name, hasDefault: false })) };
}

describe("the variables that a container reads", () => {
  it("are found in the text of a ConfigMap, but in its comments, and but the API server's own", () => {
    const text = [
      `env['X'] = \${${variable}}`,
      "; env['Y'] = $A_SERVICE_HOST",
      "  # $B_SERVICE_PORT",
      "upstream: $(C_SERVICE_PORT) $(KUBERNETES_SERVICE_HOST) $(D_SERVICE_HOSTS) SERVICE_HOST",
    ].join("\n");
    expect(mentionsIn([text]).map((mention) => mention.variable)).toEqual([variable, "C_SERVICE_PORT"]);
  });

  it("are required unless every mention has a default of the shell", () => {
    const text = (name: string) =>
      `a=\${A_${name}:-no} b=\${B_${name}-} c=\${C_${name}:=x} d=\${D_${name}:?it is needed} e=$E_${name}-x`;
    const again = `f=$(F_SERVICE_PORT) A_SERVICE_PORT b=\${B_SERVICE_PORT:-1}`;
    expect(mentionsIn([text("SERVICE_PORT"), again])).toEqual(
      Object.entries({ A: false, B: true, C: true, D: false, E: false, F: false }).map(
        ([name, hasDefault]) => ({ variable: `${name}_SERVICE_PORT`, hasDefault }),
      ),
    );
  });

  it("are told with where they are mentioned first, without those that it sets itself", () => {
    const mentions = variablesReadBy(
      containerFacts({
        variables: ["A_SERVICE_HOST", "KUBERNETES_SERVICE_HOST"],
        ownVariables: ["C_SERVICE_HOST"],
      }),
      new Map([
        ["one", configMap(["A_SERVICE_HOST", "B_SERVICE_HOST", "C_SERVICE_HOST"])],
        ["two", configMap(["B_SERVICE_HOST"])],
      ]),
    );
    expect(Object.fromEntries(mentions)).toEqual({
      A_SERVICE_HOST: { where: "its specification", isRequired: true },
      B_SERVICE_HOST: { where: "ConfigMap one", isRequired: true },
    });
  });

  it("are not those that a ConfigMap of its environment sets, but for what only mounted ones hold", () => {
    const variables = ["A_SERVICE_HOST", "B_SERVICE_HOST", "C_SERVICE_HOST"];
    const mentions = variablesReadBy(
      containerFacts({
        variables,
        envFromConfigMaps: [
          { name: "env", prefix: "" },
          { name: "some", prefix: "B_" },
        ],
      }),
      new Map([
        ["env", configMap([], ["A_SERVICE_HOST"])],
        ["some", configMap([], ["SERVICE_HOST"])],
        ["mounted", configMap([], ["C_SERVICE_HOST"])],
      ]),
    );
    expect([...mentions.keys()]).toEqual(["C_SERVICE_HOST"]);
  });

  it("that have a default are told with it, unless another place has none", () => {
    const container = containerFacts({
      variables: ["A_SERVICE_HOST", "B_SERVICE_HOST"],
      defaultedVariables: ["A_SERVICE_HOST", "B_SERVICE_HOST"],
    });
    const mentions = variablesReadBy(container, new Map([["one", configMap(["B_SERVICE_HOST"])]]));
    expect(Object.fromEntries(mentions)).toEqual({
      A_SERVICE_HOST: { where: "its specification, with a default", isRequired: false },
      B_SERVICE_HOST: { where: "ConfigMap one", isRequired: true },
    });
  });
});

describe("the variables that it lacks", () => {
  const lacks = (services: ServiceFacts[], { serviceLinks = true, isRequired = true } = {}) =>
    lackingVariables(
      new Map([
        [variable, { where: "ConfigMap c", isRequired }],
        [variable.replace("HOST", "PORT"), { where: "ConfigMap c", isRequired: true }],
      ]),
      {
        services,
        serviceLinks,
        startedAt,
      },
    ).map(({ why, variable: name }) => `${why} ${name}`);
  const at = (createdAt: number, clusterIp?: string): ServiceFacts => ({
    name: service,
    createdAt,
    ...(clusterIp === undefined ? {} : { clusterIp }),
  });

  it.each([
    [
      "the Service is not there",
      [at(0, "10.0.0.1")].map((one) => ({ ...one, name: "other" })),
      ["no-service"],
    ],
    ["it has been there long before the start", [at(startedAt - 60_000, "10.0.0.1")], []],
    ["it came after the start", [at(startedAt + 1_000, "10.0.0.1")], ["came-late"]],
    [
      "it came so shortly before that kubelet may not have known",
      [at(startedAt - 1_000, "10.0.0.1")],
      ["came-late"],
    ],
    ["it has no address yet", [at(0)], ["came-late"]],
    ["it never has one", [at(0, "None")], ["headless"]],
  ])("are one for each Service: %s", (_, services, expected) => {
    expect(lacks(services)).toEqual(expected.map((why) => `${why} ${variable}`));
  });

  it("are all of them where the pod asks for none", () => {
    expect(lacks([at(0, "10.0.0.1")], { serviceLinks: false })).toEqual([`no-links ${variable}`]);
  });

  it("are told by one that the container cannot do without, where there is one", () => {
    expect(lacks([], { isRequired: false })).toEqual([`no-service ${variable.replace("HOST", "PORT")}`]);
  });
});

describe("the release that would provide it", () => {
  const lack = {
    variable,
    service,
    where: "ConfigMap main-php-envvars",
    isRequired: true,
    why: "no-service",
    hasService: false,
  } as const;
  const remedy = "charlie-mediawiki apply --support-only -e eqiad -s mw-web";

  function judge({
    status,
    outcome,
    step,
    releases,
  }: {
    status?: string;
    step?: string;
    outcome?: StepOutcome["kind"];
    releases?: ServiceOrigins["releases"];
  }) {
    const record = { namespace: "mw-web", name: "prometheus", revision: 1 };
    const { message, ...verdict } = judgeLack(lack, {
      namespace: "mw-web",
      provides: [
        {
          namespace: "mw-web",
          service,
          release: "mw-web/prometheus",
          deployedBy: remedy,
          ...(step === undefined ? {} : { step }),
        },
      ],
      releases: releases ?? ok(status === undefined ? [] : [{ ...record, status }]),
      outcomeOf: () => outcome,
    });
    const begin = `reads ${variable} (ConfigMap main-php-envvars), and mw-web has no Service ${service}: `;
    expect(message.startsWith(begin)).toBe(true);
    return { says: message.slice(begin.length), ...verdict };
  }

  const would = "mw-web/prometheus would provide it, and";
  const step = "mw-web/prometheus";

  it.each([
    [{}, `${would} is neither deployed nor part of this rollout`, true],
    [{ status: "failed" }, `${would} is failed in helm's records and not part of this rollout`, true],
    [{ status: "superseded" }, `${would} is superseded in helm's records and not part of this rollout`, true],
    [{ step, outcome: "failed" }, `${would} is not deployed: its step mw-web/prometheus failed`, true],
    [{ step, outcome: "blocked" }, `${would} is not deployed: its step mw-web/prometheus was blocked`, true],
    [{ step, outcome: "succeeded" }, `${would} is not deployed: its step mw-web/prometheus succeeded`, false],
    [
      { releases: fail(throttled) },
      `${would} whether it is deployed could not be found out: GET /api/v1: 429`,
      false,
    ],
  ] as const)("has to be deployed, and the message says how: %j", (state, says, hopeless) => {
    expect(judge(state)).toEqual({ says, hopeless, remedy });
  });

  it.each([
    [{ step }, `${would} is still to come in this rollout or runs now (step mw-web/prometheus)`],
    [{ status: "deployed" }, `${would} is deployed, without the Service so far`],
    [{ status: "pending-install" }, `${would} is pending-install, without the Service so far`],
    [{ status: "deployed", step, outcome: "failed" }, `${would} is deployed, without the Service so far`],
  ] as const)("may bring it yet: %j", (state, says) => {
    expect(judge(state)).toEqual({ says, hopeless: false });
  });

  it("is not known for every variable that a text mentions: then nothing is certain", () => {
    const providers = { namespace: "mw-web", provides: [], releases: undefined, outcomeOf: () => undefined };
    expect(judgeLack(lack, providers)).toEqual({
      message: `reads ${variable} (ConfigMap main-php-envvars), and mw-web has no Service ${service}: no release is known to provide it`,
      hopeless: false,
    });
    expect(judgeLack({ ...lack, why: "no-links" }, providers).hopeless).toBe(false);
    expect(judgeLack({ ...lack, why: "no-links", hasService: true }, providers).hopeless).toBe(true);
  });

  it.each([
    [
      "came-late",
      "and Service statsd-exporter-prometheus came too late for its last start: the next restart finds it",
    ],
    [
      "headless",
      "and Service statsd-exporter-prometheus has no address (clusterIP: None), so there is no such variable",
    ],
    ["no-links", "and its pod asks for no variables of Services (enableServiceLinks: false)"],
  ] as const)("does not matter where the Service is there: %s", (why, says) => {
    const providers = { namespace: "mw-web", provides: [], releases: undefined, outcomeOf: () => undefined };
    expect(judgeLack({ ...lack, hasService: true, why }, providers)).toEqual({
      message: `reads ${variable} (ConfigMap main-php-envvars), ${says}`,
      hopeless: why === "no-links",
    });
  });

  it("is no hopeless matter of what has a default", () => {
    const providers = { namespace: "mw-web", provides: [], releases: undefined, outcomeOf: () => undefined };
    const defaulted = { ...lack, isRequired: false, hasService: true, why: "no-links" } as const;
    expect(judgeLack(defaulted, providers).hopeless).toBe(false);
  });
});
