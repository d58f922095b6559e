import { describe, expect, it } from "vitest";
import { type ReleaseId, releaseId } from "../../src/core/common/release.ts";
import { modelOf, servicesProvided } from "../../src/simulation/chart-model.ts";
import { wikimediaModel } from "../../src/simulation/wikimedia-model.ts";
import { release, variable } from "./support/small-cluster.ts";

const of = (namespace: string, name: string, chart: string, rest = {}) =>
  modelOf(wikimediaModel, release(releaseId(namespace, name), chart, rest));

describe("the model of Wikimedia's charts", () => {
  it("lets php-fpm die without the variable, and command-line jobs run on", () => {
    expect(of("mw-web", "main", "mediawiki")).toMatchObject({ variables: [variable], livesWithout: false });
    for (const namespace of ["mw-cron", "mw-script", "mw-videoscaler"]) {
      expect(of(namespace, "main", "mediawiki")).toMatchObject({
        kind: "Job",
        variables: [variable],
        livesWithout: true,
      });
    }
  });

  it("does not take the other charts of those namespaces for jobs", () => {
    expect(of("mw-cron", "prometheus", "statsd-exporter")).toMatchObject({
      kind: "Deployment",
      variables: [],
    });
  });

  it("gives the release prometheus the Service that the variable is made of", () => {
    const prometheus = release("mw-web/prometheus" as ReleaseId, "statsd-exporter");
    expect(servicesProvided(modelOf(wikimediaModel, prometheus), prometheus)).toEqual([
      "statsd-exporter-prometheus",
    ]);
  });

  it("waits ten minutes and removes what failed, unless the release itself says otherwise", () => {
    expect(of("toolhub", "main", "toolhub")).toMatchObject({ timeoutMs: 600_000, atomic: true });
    expect(of("toolhub", "main", "toolhub", { timeout: 20, atomic: false })).toMatchObject({
      timeoutMs: 20_000,
      atomic: false,
    });
  });

  it("lets the last override that matches win", () => {
    const model = {
      ...wikimediaModel,
      overrides: [
        { namespace: "toolhub", model: { pods: 5 } },
        { namespace: "toolhub", name: "main", model: { pods: 7 } },
        { namespace: "elsewhere", model: { pods: 9 } },
      ],
    };
    expect(modelOf(model, release(releaseId("toolhub", "main"), "toolhub")).pods).toBe(7);
    expect(modelOf(model, release(releaseId("toolhub", "other"), "toolhub")).pods).toBe(5);
  });
});
