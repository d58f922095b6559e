import { describe, expect, it } from "vitest";
import { isHelmProgram } from "../../src/core/common/release.ts";

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
      "a b/helm",
      "helm\n",
    ],
    ...["helm;true", `/${"a".repeat(255)}/helm`],
  ])("does not take %j", (text) => expect(isHelmProgram(text)).toBe(false));

  it("does not take longer with each character of what is no name", () => {
    expect(isHelmProgram(`${"a".repeat(200)}!`)).toBe(false);
  });
});
