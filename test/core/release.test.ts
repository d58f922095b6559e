import { describe, expect, it } from "vitest";
import { chartName, isHelmProgram } from "../../src/core/common/release.ts";

describe("isHelmProgram", () => {
  it.each([
    "helm",
    "helm3",
    "helm3.17",
    "helm-3",
    "/helm",
    "/usr/bin/helm",
    "bin/helm3",
    "../helm",
    "./helm",
  ])("takes %s", (text) => expect(isHelmProgram(text)).toBe(true));

  it.each([
    ...[
      "",
      "/",
      "helmet x",
      "notahelm/",
      "bin//helm",
      "//helm",
      "-x/helm",
      "bin/kubectl",
      "nohelm",
      "bin/my-helm3",
      "a b/helm",
      "helm\n",
    ],
    ...["helm;true", `/${"a".repeat(255)}/helm`],
  ])("does not take %j", (text) => expect(isHelmProgram(text)).toBe(false));

  it("does not take longer with each character of what is no name", () => {
    expect(isHelmProgram(`${"a".repeat(200)}!`)).toBe(false);
  });
});

describe("chartName", () => {
  it.each([
    ["wmf-stable/mediawiki", "mediawiki"],
    ["mediawiki", "mediawiki"],
    ["../charts/mediawiki//", "mediawiki"],
    ["oci://registry/wmf/mediawiki", "mediawiki"],
    ["", ""],
    ["//", ""],
  ])("of %j is %j", (chart, name) => expect(chartName(chart)).toBe(name));

  it("takes no longer for what has many slashes", () => {
    expect(chartName(`${"/".repeat(2_000_000)}x`)).toBe("x");
  });
});
